import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { JSON_HEAD, says, type Behaviour } from './lying-subgraph.js'
import { closeWorldsAfterEach, createCall, createWorld, refusalOf } from './upstream-world.js'

closeWorldsAfterEach()

const MALFORMED = 'SUBREQUEST_MALFORMED_RESPONSE'

/** A good answer of about a megabyte that does not compress to nothing. */
const LARGE = JSON.stringify({ data: { list: Array.from({ length: 60_000 }, (_, index) => index * 7919) } })

/** Sends a part of a body and leaves the rest out for ever. */
const begins =
  (encoding: string, part: Buffer): Behaviour =>
  (response) => {
    response.writeHead(200, { ...JSON_HEAD, 'content-encoding': encoding })
    response.write(part)
  }

describe('a compressed reply', () => {
  it.each([
    ['gzip', gzipSync(LARGE)],
    ['x-gzip', gzipSync(LARGE)],
    ['deflate', deflateSync(LARGE)],
    ['br', brotliCompressSync(LARGE)],
  ])('in %s is inflated, however many pieces it comes in', async (encoding, bytes) => {
    const { upstream } = await createWorld((response) => {
      response.writeHead(200, { ...JSON_HEAD, 'content-encoding': encoding })
      for (let at = 0; at < bytes.length; at += 1_000) response.write(bytes.subarray(at, at + 1_000))
      response.end()
    })

    const reply = await upstream.call(createCall())

    expect(reply.text).toBe(LARGE)
  })

  it('is refused when it has outgrown the limit, before its end has come', async () => {
    const bomb = gzipSync(Buffer.alloc(32_000_000, 0x20))
    const { upstream, subgraph } = await createWorld(begins('gzip', bomb.subarray(0, bomb.length - 1_000)))

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal).toMatchObject({ code: MALFORMED, reason: 'reply over the size limit' })
    await subgraph.quiet()
  })

  it('that never ends is cut at the limit, and the rest of it is not asked for', async () => {
    let sent = 0
    const { upstream, subgraph } = await createWorld(
      (response) => {
        response.writeHead(200, { ...JSON_HEAD, 'content-encoding': 'gzip' })
        const gzip = createGzip({ level: 0 })
        gzip.on('data', (chunk: Buffer) => (sent += chunk.length))
        gzip.pipe(response)
        const pour = (): void => {
          if (!gzip.destroyed) gzip.write(Buffer.alloc(100_000, 0x20), pour)
        }
        response.on('close', () => gzip.destroy())
        pour()
      },
      { maxReplyBytes: 2_000_000 },
    )

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe(MALFORMED)
    await subgraph.quiet()
    // What the sockets' buffers hold comes on top of the limit.
    expect(sent).toBeLessThan(20_000_000)
  })

  it.each(['gzip, gzip', 'gzip,br', 'identity, gzip', 'rot13'])(
    'in %j is refused by its head',
    async (encoding) => {
      const { upstream, subgraph } = await createWorld(begins(encoding, gzipSync('{"data":{}}')))

      const refusal = await refusalOf(upstream.call(createCall()))

      expect(refusal).toMatchObject({ code: MALFORMED, reason: 'unknown content encoding' })
      await subgraph.quiet()
    },
  )

  it('is not inflated where its head says that it is no answer', async () => {
    const { upstream } = await createWorld(
      says(502, 'text/html', Buffer.from('not gzip at all'), { 'content-encoding': 'gzip' }),
    )

    const refusal = await refusalOf(upstream.call(createCall({ operationType: 'mutation' })))

    expect(refusal).toMatchObject({ code: 'SUBREQUEST_HTTP_ERROR', reason: 'status 502' })
  })
})

describe('a body that cannot be an answer', () => {
  it('is read to its end where that is near, and the connection used again', async () => {
    const { upstream, subgraph } = await createWorld(says(401, 'text/plain', 'x'.repeat(10_000)), {
      connections: 1,
    })

    await refusalOf(upstream.call(createCall()))
    await refusalOf(upstream.call(createCall()))

    expect(subgraph.connections()).toBe(1)
  })

  it('is cut where it goes on', async () => {
    const { upstream, subgraph } = await createWorld((response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.write(Buffer.alloc(100_000, 0x20))
    })

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal).toMatchObject({ code: MALFORMED, reason: 'not a JSON media type' })
    await subgraph.quiet()
  })
})
