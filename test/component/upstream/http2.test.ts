import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Deadline } from '../../../src/kernel/deadline.js'
import { createSelfSigned } from '../../support/self-signed.js'
import { honestHttp2, startHttp2Subgraph, type Http2Behaviour } from './http2-subgraph.js'
import {
  closeWorldsAfterEach,
  createCall,
  createCaller,
  createUpstreamTo,
  refusalOf,
} from './upstream-world.js'

closeWorldsAfterEach()

const certificate = createSelfSigned()
let directory: string
let caFile: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  caFile = join(directory, 'ca.pem')
  await writeFile(caFile, certificate.cert)
})
afterAll(() => rm(directory, { recursive: true }))

const silentHttp2: Http2Behaviour = () => undefined
const body = (index: number) => `{"query":"{ ok }","variables":{"index":${index}}}`

/** What an answer comes to, as short as a test wants to know it. */
async function comesTo(answer: Promise<{ data: unknown }>): Promise<unknown> {
  return answer.then(
    ({ data }) => data,
    (error: unknown) => (error as { code: string }).code,
  )
}

describe.each([
  ['by prior knowledge', undefined],
  ['over TLS', certificate],
])('HTTP/2 %s', (_name, tls) => {
  async function createHttp2World(behave: Http2Behaviour, options: object = {}) {
    const subgraph = await startHttp2Subgraph(behave, tls)
    const own = { protocol: 'http2', ...(tls === undefined ? {} : { caFile }) }
    return { subgraph, ...createUpstreamTo(subgraph, { subgraphs: { shop: own }, ...options }) }
  }

  it('carries many queries at a time over one connection', async () => {
    const held: (() => void)[] = []
    const { upstream, subgraph } = await createHttp2World(
      (...args) => void held.push(() => honestHttp2(...args)),
    )
    const replies = Array.from({ length: 40 }, (_, index) => upstream.call(createCall({ body: body(index) })))
    await subgraph.when(() => subgraph.bodies.length === 40)
    for (const letGo of held) letGo()

    for (const reply of await Promise.all(replies)) expect(reply.data).toEqual({ ok: true })
    expect(subgraph.sessions).toHaveLength(1)
  })

  it('carries what header rules let through, both ways', async () => {
    const rules = {
      request: [{ propagate: 'x-locale' }, { set: 'x-region', value: 'eu' }],
      response: [{ propagate: 'set-cookie', merge: 'append' }],
    }
    const { upstream, subgraph } = await createHttp2World(
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] })
        stream.end('{"data":{"ok":true}}')
      },
      { headers: { all: rules } },
    )
    const forwarded = { values: new Map([['x-locale', 'de']]), key: 'k' }
    const caller = createCaller({ client: { address: '::1', forwarded } })

    const reply = await upstream.call(createCall({ caller }))

    expect(subgraph.headers[0]).toMatchObject({ 'x-locale': 'de', 'x-region': 'eu', 'x-user-id': 'u-1' })
    expect(reply.passed).toEqual([{ name: 'set-cookie', merge: 'append', values: ['a=1', 'b=2'] }])
    expect(reply.cachePolicy?.maxAgeSeconds).toBe(0)
  })

  it('carries mutations, one after the other on a connection of their own', async () => {
    const { upstream, subgraph } = await createHttp2World((stream, text) => {
      if (text === body(0)) silentHttp2(stream, text)
      else honestHttp2(stream, text)
    })
    const caller = createCaller()
    const hanging = refusalOf(upstream.call(createCall({ body: body(0), caller })))
    await subgraph.when(() => subgraph.bodies.length === 1)

    for (const index of [1, 2]) {
      const reply = await upstream.call(createCall({ operationType: 'mutation', body: body(index) }))
      expect(reply.data).toEqual({ ok: true })
    }
    expect((await upstream.call(createCall({ body: body(3) }))).data).toEqual({ ok: true })
    expect(subgraph.sessions).toHaveLength(2)

    caller.deadline.end('client-left')
    await hanging
    await subgraph.when(() => subgraph.openStreams() === 0)
    expect(subgraph.sessions.filter(({ destroyed }) => destroyed)).toHaveLength(0)
  })

  it('takes a new connection when one did not answer in time', async () => {
    const { upstream, subgraph } = await createHttp2World(silentHttp2)
    const caller = createCaller({ deadline: new Deadline(200) })

    expect((await refusalOf(upstream.call(createCall({ caller })))).code).toBe('SUBREQUEST_TIMEOUT')
    await subgraph.when(() => subgraph.openStreams() === 0)
    subgraph.behave = honestHttp2
    expect((await upstream.call(createCall())).data).toEqual({ ok: true })

    expect(subgraph.sessions).toHaveLength(2)
  })

  it('sends queries again when the connection is lost, and mutations never', async () => {
    let times = 0
    const { upstream, subgraph } = await createHttp2World((stream, text) => {
      if (times++ < 2) stream.session?.destroy()
      else honestHttp2(stream, text)
    })

    expect(await comesTo(upstream.call(createCall({ operationType: 'mutation' })))).toBe(
      'SUBREQUEST_HTTP_ERROR',
    )
    expect(subgraph.bodies).toHaveLength(1)
    expect(await comesTo(upstream.call(createCall()))).toEqual({ ok: true })
    expect(subgraph.bodies).toHaveLength(3)
  })

  it('answers every query of a connection that is lost', async () => {
    const { upstream, subgraph } = await createHttp2World(silentHttp2, { breaker: { enabled: false } })
    const answers = Array.from({ length: 20 }, (_, index) =>
      comesTo(upstream.call(createCall({ body: body(index) }))),
    )
    await subgraph.when(() => subgraph.bodies.length === 20)
    subgraph.behave = honestHttp2
    subgraph.sessions[0]?.destroy()

    for (const answer of await Promise.all(answers)) {
      expect([{ ok: true }, 'SUBREQUEST_HTTP_ERROR']).toContainEqual(answer)
    }
    expect((await upstream.call(createCall())).data).toEqual({ ok: true })
    await subgraph.when(() => subgraph.openStreams() === 0)
  })

  it('goes on elsewhere when the subgraph says goodbye', async () => {
    const { upstream, subgraph } = await createHttp2World(honestHttp2)
    await upstream.call(createCall())
    subgraph.sessions[0]?.goaway()
    subgraph.sessions[0]?.close()

    for (let call = 0; call < 3; call++)
      expect((await upstream.call(createCall())).data).toEqual({ ok: true })
    expect(subgraph.sessions.length).toBeGreaterThan(1)
  })

  it.each<readonly [string, Http2Behaviour, string]>([
    ['a reset before the head', (stream) => stream.close(2), 'SUBREQUEST_HTTP_ERROR'],
    [
      'a reset within the body',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/json' })
        stream.write('{"data":', () => stream.close(2))
      },
      'SUBREQUEST_MALFORMED_RESPONSE',
    ],
    [
      'an endless body',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/json' })
        const pour = (): void => {
          if (!stream.destroyed) stream.write(Buffer.alloc(100_000, 0x20), pour)
        }
        pour()
      },
      'SUBREQUEST_MALFORMED_RESPONSE',
    ],
    [
      'status 500',
      (stream) => {
        stream.respond({ ':status': 500, 'content-type': 'text/html' })
        stream.end('broken')
      },
      'SUBREQUEST_HTTP_ERROR',
    ],
    [
      '90 kB of headers',
      (stream) => {
        const filler = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`x-${i}`, 'a'.repeat(1_000)]))
        stream.respond({ ':status': 200, 'content-type': 'application/json', ...filler })
        stream.end('{"data":{"ok":true}}')
      },
      'SUBREQUEST_HTTP_ERROR',
    ],
  ])('%s is refused, and the next answer is taken', async (_name, behave, code) => {
    const { upstream, subgraph } = await createHttp2World(behave)

    expect(await comesTo(upstream.call(createCall({ operationType: 'mutation' })))).toBe(code)
    expect(await comesTo(upstream.call(createCall({ body: body(1) })))).toBe(code)
    subgraph.behave = honestHttp2
    expect(await comesTo(upstream.call(createCall({ body: body(2) })))).toEqual({ ok: true })
    await subgraph.when(() => subgraph.openStreams() === 0)
  })

  it('takes a compressed answer', async () => {
    const { upstream } = await createHttp2World((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/json', 'content-encoding': 'gzip' })
      stream.end(gzipSync('{"data":{"ok":true}}'))
    })

    expect((await upstream.call(createCall())).data).toEqual({ ok: true })
  })
})

describe('a subgraph over TLS', () => {
  async function startHttps() {
    const server = createServer(certificate, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"ok":true}}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const close = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, close }
  }

  it('is trusted by the certificates of its own file', async () => {
    const { upstream } = createUpstreamTo(await startHttps(), { subgraphs: { shop: { caFile } } })

    expect((await upstream.call(createCall())).data).toEqual({ ok: true })
  })

  it('is refused without them', async () => {
    const { upstream, logged } = createUpstreamTo(await startHttps())

    expect((await refusalOf(upstream.call(createCall()))).code).toBe('SUBREQUEST_HTTP_ERROR')
    expect(logged).toContainEqual(expect.objectContaining({ reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' }))
  })

  it('that does not speak HTTP/2 is refused where that is wanted', async () => {
    const own = { protocol: 'http2', caFile }
    const { upstream, logged } = createUpstreamTo(await startHttps(), { subgraphs: { shop: own } })

    expect((await refusalOf(upstream.call(createCall()))).code).toBe('SUBREQUEST_HTTP_ERROR')
    expect(logged).toContainEqual(expect.objectContaining({ reason: 'NO_HTTP2' }))
  })

  it('whose certificates cannot be read is no subgraph', async () => {
    const server = await startHttps()
    const missing = join(directory, 'missing.pem')

    expect(() => createUpstreamTo(server, { subgraphs: { shop: { caFile: missing } } })).toThrow(
      `upstream.subgraphs.shop.caFile cannot be read: ${missing}`,
    )
    await server.close()
  })
})
