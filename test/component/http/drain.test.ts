import { describe, expect, it } from '@jest/globals'
import { setImmediate } from 'node:timers/promises'
import { Agent, request as httpRequest } from 'node:http'
import { createSmallGeneration } from '../../support/small-generation.js'
import { createSmallServer } from '../../support/small-server.js'
import { openSocket } from '../../support/raw-http.js'

const BODY = JSON.stringify({ query: '{ greeting }' })

interface Answered {
  readonly status: number | undefined
  readonly connection: string | undefined
  readonly body: string
}

function post(port: number, agent: Agent): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        port,
        host: '127.0.0.1',
        agent,
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        let body = ''
        response.on('data', (chunk: Buffer) => (body += chunk.toString()))
        response.on('end', () => {
          resolve({ status: response.statusCode, connection: response.headers.connection, body })
        })
      },
    )
    request.on('error', reject)
    request.end(BODY)
  })
}

/** A server on which every request waits until `release` is called, or until it is ended. */
function createGatedServer(options: object) {
  let release: () => void = () => undefined
  let started = 0
  let allStarted: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  const { generation } = createSmallGeneration(async ({ deadline }) => {
    started += 1
    if (started === expected) allStarted()
    await gate
    deadline.assertOpen()
  })
  let expected = Infinity
  return {
    server: createSmallServer(options, { current: () => generation }),
    release: () => {
      release()
    },
    whenStarted: (count: number) => {
      expected = count
      return new Promise<void>((resolve) => (allStarted = resolve))
    },
  }
}

describe('a drain', () => {
  it('answers 50 requests in flight, refuses new connections and closes', async () => {
    const { server, release, whenStarted } = createGatedServer({ idleDrainMs: 50 })
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
    const agent = new Agent({ keepAlive: true, maxSockets: 50 })
    const inFlight = whenStarted(50)
    const answers = Promise.all(Array.from({ length: 50 }, () => post(port, agent)))
    await inFlight

    server.beginDrain()
    const ready = await server.inject('/health/ready')
    const live = await server.inject('/health/live')
    const refused = await post(port, new Agent()).catch((error: unknown) => error)
    const closed = server.close()
    // Time enough for a close that does not wait to cut the connections.
    for (let turn = 0; turn < 50; turn += 1) await setImmediate()
    release()
    await closed

    expect([ready.statusCode, ready.json().status, live.statusCode]).toEqual([503, 'draining', 200])
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
    expect(new Set((await answers).map(({ status, connection }) => `${status} ${connection}`))).toEqual(
      new Set(['200 close']),
    )
    agent.destroy()
  })

  it('answers a request that comes on an idle connection meanwhile', async () => {
    const server = createSmallServer({ idleDrainMs: 5_000 })
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const before = await post(port, agent)
    server.beginDrain()
    const after = await post(port, agent)
    await server.close()

    expect([before.connection, before.status, after.connection, after.status]).toEqual([
      'keep-alive',
      200,
      'close',
      200,
    ])
  })

  it('does not wait for connections on which nothing comes', async () => {
    const server = createSmallServer({ idleDrainMs: 20, drainTimeoutMs: 60_000 })
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
    const agent = new Agent({ keepAlive: true })
    await post(port, agent)
    await server.close()
    agent.destroy()
  })

  it('answers requests that hang with an error once its time is over', async () => {
    const { server, whenStarted, release } = createGatedServer({ drainTimeoutMs: 100, idleDrainMs: 10 })
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
    const inFlight = whenStarted(3)
    const answers = Promise.all([1, 2, 3].map(() => post(port, new Agent())))
    await inFlight
    await openSocket(port).then((socket) => socket.write('GET / HT'))
    await server.close()

    for (const { status, body } of await answers) {
      expect([status, JSON.parse(body).errors[0].extensions.code]).toEqual([503, 'SHUTTING_DOWN'])
    }
    release()
  })
})
