import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { FAULTS, SECRET } from './faults.js'
import { JSON_HEAD, honest, says, type Behaviour } from './lying-subgraph.js'
import { closeWorldsAfterEach, createCall, createWorld, refusalOf } from './upstream-world.js'
import { createWatchedWorld } from './watched-world.js'

closeWorldsAfterEach()

const GRAPHQL = 'application/graphql-response+json'
const JSON_TYPE = 'application/json'
const OK = '{"data":{"ok":true}}'

describe('a subgraph that lies', () => {
  it.each(FAULTS)(
    '%s: refused by code, tells nothing, nobody else notices, and the next answer is taken',
    async (_name, behave, code) => {
      const { upstream, subgraph, watch } = await createWatchedWorld(behave)

      const refusal = await refusalOf(upstream.call(createCall()))
      await subgraph.quiet()
      const seen = await watch.end()
      subgraph.behave = honest
      const next = await upstream.call(createCall())

      expect(refusal.code).toBe(code)
      expect(refusal.extensions).toEqual({ service: 'shop' })
      expect(refusal.message).not.toMatch(/127\.0\.0\.1|http:|pa55word|\d{4}/)
      expect(seen.slowestBystanderMs).toBeLessThan(1_000)
      expect(seen.grownMegabytes).toBeLessThan(64)
      expect(next.data).toEqual({ ok: true })
    },
  )

  it('does not follow a redirect', async () => {
    const other = await createWorld(honest)
    const { upstream } = await createWorld((response) => {
      response.writeHead(307, { ...JSON_HEAD, location: other.subgraph.url }).end(OK)
    })

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBREQUEST_HTTP_ERROR')
    expect(other.subgraph.requests).toHaveLength(0)
  })

  it('says that a closed port cannot be reached', async () => {
    const { upstream, subgraph } = await createWorld(honest)
    await subgraph.close()

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBREQUEST_HTTP_ERROR')
    expect(refusal.message).not.toMatch(/127|ECONN/)
  })

  it('keeps the reason in the log, without address and without the reply', async () => {
    const { upstream, logged } = await createWorld(says(500, 'text/html', SECRET))

    await refusalOf(upstream.call(createCall()))

    expect(logged).toEqual([
      expect.objectContaining({
        subgraph: 'shop',
        code: 'SUBREQUEST_HTTP_ERROR',
        reason: 'status 500',
        requestId: 'request-1',
      }),
    ])
    expect(JSON.stringify(logged)).not.toMatch(/pa55word|127\.0\.0\.1/)
  })
})

describe('a subgraph that answers in an unusual but right way', () => {
  it.each<readonly [string, Behaviour]>([
    ['graphql-response+json with charset', says(200, `${GRAPHQL}; charset=utf-8`, OK)],
    ['upper-case media type', says(200, 'Application/JSON', OK)],
    ['60 kB of headers', says(200, JSON_TYPE, OK, { 'x-filler': 'a'.repeat(60_000) })],
    ['gzip', says(200, JSON_TYPE, gzipSync(OK), { 'content-encoding': 'gzip' })],
    ['brotli', says(200, JSON_TYPE, brotliCompressSync(OK), { 'content-encoding': 'BR' })],
    ['deflate', says(200, JSON_TYPE, deflateSync(OK), { 'content-encoding': 'deflate' })],
    ['identity', says(200, JSON_TYPE, OK, { 'content-encoding': 'identity' })],
    ['errors: null', says(200, JSON_TYPE, '{"data":{"ok":true},"errors":null}')],
    [
      'a 103 before it',
      (response) => {
        response.writeEarlyHints({ link: '</a>; rel=preload' })
        honest(response, response.socket as never, {} as never)
      },
    ],
    [
      'in many pieces',
      (response) => {
        response.writeHead(200, JSON_HEAD)
        for (const c of OK) response.write(c)
        response.end()
      },
    ],
  ])('%s', async (_name, behave) => {
    const { upstream } = await createWorld(behave)

    const reply = await upstream.call(createCall())

    expect(reply).toEqual({
      text: expect.any(String),
      data: { ok: true },
      errors: [],
      isBare: !reply.text.includes('errors'),
      cachePolicy: undefined,
    })
    expect(JSON.parse(reply.text)).toMatchObject({ data: { ok: true } })
  })

  it('gives errors beside data, with what can be read of them', async () => {
    const body = JSON.stringify({
      data: { ok: null },
      errors: [
        { message: 'no', path: ['ok', 0], extensions: { code: 'NOPE' } },
        { message: 7, path: [{}], extensions: 'x' },
      ],
    })
    const { upstream } = await createWorld(says(200, JSON_TYPE, body))

    const reply = await upstream.call(createCall())

    expect(reply.errors).toEqual([
      { message: 'no', path: ['ok', 0], code: 'NOPE', extensions: { code: 'NOPE' } },
      { message: '', extensions: 'x' },
    ])
  })

  it.each([400, 401, 500])('takes errors under status %d as the answer', async (status) => {
    const text = '{"errors":[{"message":"no"}]}'
    const { upstream } = await createWorld(says(status, GRAPHQL, text))

    const reply = await upstream.call(createCall())

    expect(reply).toEqual({ text, data: null, errors: [{ message: 'no' }], cachePolicy: undefined })
  })

  it('keeps __proto__ as an own key and touches no prototype', async () => {
    const { upstream } = await createWorld(says(200, JSON_TYPE, '{"data":{"__proto__":{"polluted":true}}}'))

    const reply = await upstream.call(createCall())

    expect(Object.hasOwn(reply.data ?? {}, '__proto__')).toBe(true)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it('reads the Cache-Control of the reply', async () => {
    const { upstream } = await createWorld(
      says(200, JSON_TYPE, OK, { 'cache-control': 'max-age=60, private' }),
    )

    const reply = await upstream.call(createCall())

    expect(reply.cachePolicy).toEqual({ maxAgeSeconds: 60, scope: 'PRIVATE' })
  })
})
