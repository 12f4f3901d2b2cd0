import { describe, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { createSmallServer } from '../../support/small-server.js'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

describe('the Sandbox page', () => {
  it('is what a browser gets at /graphql, with nonces of its own each time', async () => {
    const server = createSmallServer()
    const get = () => server.inject({ url: '/graphql', headers: { accept: BROWSER } })
    const [one, two] = [await get(), await get()]
    const nonces = (html: string) => new Set(html.match(/nonce-[0-9a-f]+/g))

    expect(one.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(one.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(one.body).toContain('embeddable-sandbox.cdn.apollographql.com')
    expect(nonces(one.body)).not.toEqual(nonces(two.body))
  })

  it('is not in the way of data', async () => {
    const response = await createSmallServer().inject({
      url: '/graphql?query=%7Bgreeting%7D',
      headers: { accept: BROWSER, 'apollo-require-preflight': '1' },
    })
    expect(response.json()).toEqual({ data: { greeting: 'Hello, world!' } })
  })

  it.each([
    ['off in production', {}, { production: true }, 400],
    ['on in production where configured', { sandbox: true }, { production: true }, 200],
    ['off where configured', { sandbox: false }, {}, 400],
  ])('is %s', async (_name, options, ports, status) => {
    const response = await createSmallServer(options, ports).inject({
      url: '/graphql',
      headers: { accept: BROWSER },
    })
    expect(response.statusCode).toBe(status)
  })
})

describe('the GraphiQL page', () => {
  const server = createSmallServer()
  const get = (headers: Record<string, string> = {}) => server.inject({ url: '/graphiql', headers })

  it('admits its one script by hash and loads nothing from outside', async () => {
    const { body, headers } = await get()
    const script = body.slice(body.indexOf('<script>') + 8, body.indexOf('</script>'))
    const hash = createHash('sha256').update(script).digest('base64')

    expect(headers['content-security-policy']).toContain(`script-src 'sha256-${hash}';`)
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(body.match(/<\/script/g)).toHaveLength(1)
    expect(body).not.toMatch(/<(script|link|img)[^>]+(src|href)="https?:/)
    expect(body).toContain('"endpoint":"/graphql"')
    expect(body).toContain('"apollo-require-preflight":"true"')
  })

  it('comes compressed once and is then revalidated', async () => {
    const plain = await get()
    const brotli = await get({ 'accept-encoding': 'gzip, deflate, br' })
    const gzip = await get({ 'accept-encoding': 'gzip, br;q=0' })
    const again = await get({ 'if-none-match': String(brotli.headers.etag) })

    expect(brotliDecompressSync(brotli.rawPayload).equals(plain.rawPayload)).toBe(true)
    expect(gunzipSync(gzip.rawPayload).equals(plain.rawPayload)).toBe(true)
    expect(brotli.headers).toMatchObject({
      'content-encoding': 'br',
      vary: expect.stringContaining('Accept-Encoding'),
    })
    expect(brotli.rawPayload.length).toBeLessThan(2_500_000)
    expect([again.statusCode, again.body]).toEqual([304, ''])
  })

  it('is unknown in production', async () => {
    const response = await createSmallServer({}, { production: true }).inject('/graphiql')
    expect([response.statusCode, response.json().code]).toEqual([404, 'NOT_FOUND'])
  })
})
