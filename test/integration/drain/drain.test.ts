/** A stop that loses nothing, seen from outside: a gateway process over a subgraph that answers when it is told to. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import { serveGraph, type ServedGraph, type ServeOptions } from '../../support/serve.js'
import { startSlowSubgraph, type SlowSubgraph } from './slow-subgraph.js'

const IN_FLIGHT = 50

let subgraph: SlowSubgraph
let gateway: ServedGraph

afterEach(async () => {
  await gateway.close()
  await subgraph.stop()
})

async function start(options: ServeOptions = {}): Promise<void> {
  subgraph = await startSlowSubgraph()
  const typeDefs = 'type Query { slow(n: Int): String }'
  gateway = await serveGraph([{ name: 'slow', url: subgraph.url, typeDefs }], options)
}

/** Sends the requests and settles when the subgraph has all of them; `answers` is what comes of them. */
async function putInFlight() {
  const answers = Promise.all(
    // Equal ones would be one for the subgraph.
    Array.from({ length: IN_FLIGHT }, async (_, n) => {
      const { status, data, errors } = await askGraphql(gateway.url, `{ slow(n: ${n}) }`)
      return { status, data, codes: errors.map((error) => error.extensions.code) }
    }),
  )
  // Looked at later: a refused connection may not end the test before that.
  answers.catch(() => undefined)
  await eventually(subgraph.waiting, (count) => count === IN_FLIGHT)
  return { answers }
}

const readiness = async (url: string) => (await fetch(`${url}/health/ready`)).status

const allOf = <T>(answer: T) => Array.from({ length: IN_FLIGHT }, () => answer)

describe.each(['SIGTERM', 'SIGINT'] as const)('a gateway that gets %s', (signal) => {
  it('answers all that is in flight, says meanwhile that it is not ready, and ends with 0', async () => {
    await start()
    expect(await readiness(gateway.adminUrl)).toBe(200)
    const { answers } = await putInFlight()

    gateway.process.signal(signal)
    const stoppingAt = performance.now()
    await eventually(
      () => readiness(gateway.adminUrl),
      (status) => status === 503,
    )
    await expect(fetch(`${gateway.url}/health/live`, { keepalive: false })).rejects.toThrow('fetch failed')
    expect(subgraph.waiting()).toBe(IN_FLIGHT)
    subgraph.answer()

    expect(await answers).toEqual(allOf({ status: 200, data: { slow: 'done' }, codes: [] }))
    expect(await gateway.process.exited).toBe(0)
    expect(performance.now() - stoppingAt).toBeLessThan(10_000)
  })
})

describe('a gateway that is stopped over a subgraph that hangs', () => {
  it('answers every request at the deadline of the subgraph, and ends with 0', async () => {
    await start()
    const { answers } = await putInFlight()
    gateway.process.signal('SIGTERM')
    const stoppingAt = performance.now()
    expect(await answers).toEqual(allOf({ status: 200, data: { slow: null }, codes: ['SUBREQUEST_TIMEOUT'] }))
    expect(await gateway.process.exited).toBe(0)
    expect(performance.now() - stoppingAt).toBeLessThan(10_000)
  })

  it('answers every request when the time to drain is over, and ends with 0', async () => {
    const config =
      'server: { requestTimeoutMs: 60000, drainTimeoutMs: 500 }\nupstream: { timeoutMs: 60000 }\n'
    await start({ files: { 'patient.yaml': config }, arguments: ['--config', 'patient.yaml'] })
    const { answers } = await putInFlight()
    gateway.process.signal('SIGTERM')
    const stoppingAt = performance.now()
    expect(await answers).toEqual(allOf({ status: 503, data: undefined, codes: ['SHUTTING_DOWN'] }))
    expect(await gateway.process.exited).toBe(0)
    // Not the minute that requests and the subgraph may take.
    expect(performance.now() - stoppingAt).toBeLessThan(20_000)
  })

  it('does not wait for anything when it is asked again', async () => {
    await start()
    const { answers } = await putInFlight()
    const lost = expect(answers).rejects.toThrow()
    gateway.process.signal('SIGTERM')
    // Asked again until it is later than the second within which two signals count as one.
    const asking = setInterval(() => gateway.process.signal('SIGTERM'), 100)
    // Not 0, with which it would end after the answers.
    expect(await gateway.process.exited).toBe(1)
    clearInterval(asking)
    await lost
  })
})
