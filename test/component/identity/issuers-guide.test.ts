/** docs/guides/issuers.md: what it says of cookies, revocations and enrichment, as it stands there. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { parse as parseYaml } from 'yaml'
import { createRecordingSubgraph, startGateway, stopAfterEach } from '../../support/embedded-gateway.js'
import { askGraphql } from '../../support/graphql-client.js'
import { ROOT } from '../../support/shop.js'
import { createSignedIn } from '../../support/signed-in.js'

stopAfterEach()

const GUIDE = readFileSync(join(ROOT, 'docs/guides/issuers.md'), 'utf8')
const blocks = (language: string): readonly string[] =>
  [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  )

it('the guide to issuers shows what works of cookies, revocations and enrichment', async () => {
  const [, , ...sections] = blocks('yaml')
  const identity = Object.assign(
    {},
    ...sections.map((text) => (parseYaml(text) as { identity: object }).identity),
  )
  expect(Object.keys(identity as object)).toEqual(['cookie', 'revocations', 'enrichment'])
  const [list = ''] = [...GUIDE.matchAll(/^```\n(# one a line[\s\S]*?)^```$/gm)].map(([, text = '']) => text)
  const profiles = createServer((request, response) => {
    const suspended = request.url === '/u-bad'
    response.end(JSON.stringify({ email: 'ada@example.org', segment: 'vip', suspended }))
  }).listen(0, '127.0.0.1')
  await once(profiles, 'listening')
  const at = `http://127.0.0.1:${String((profiles.address() as AddressInfo).port)}`
  const signedIn = createSignedIn()
  const subgraph = await createRecordingSubgraph({ greeting: 'hello', secret: 'told' })
  const gateway = await startGateway(
    {
      own: {
        url: subgraph.url,
        typeDefs: 'type Query { greeting: String secret: String @requiresScopes(scopes: [["s"]]) }',
      },
    },
    {
      config: { identity: { ...identity, issuers: [signedIn.issuer] } },
      files: {
        'revoked.txt': list,
        'profile.mjs': (blocks('js')[0] ?? '').replace('http://profiles.internal', at),
      },
    },
  )
  const ask = (claims: object) =>
    askGraphql(gateway.url, '{ greeting secret }', { token: signedIn.createToken({ scope: 's', ...claims }) })

  expect((await ask({})).data).toEqual({ greeting: 'hello', secret: 'told' })
  expect(subgraph.seen[0]?.headers['x-user-email']).toBe('ada@example.org')
  expect((await ask({ sub: 'u-bad' })).data).toEqual({ greeting: 'hello', secret: null })
  expect((await ask({ jti: '7b1f0a52-94a1-4a0e-9a35-2f3c3a1d8a11' })).status).toBe(401)
  const before = Date.parse('2026-11-27T12:00:00Z') / 1_000
  expect((await ask({ sub: 'u-42', iat: before, exp: Math.floor(Date.now() / 1_000) + 600 })).status).toBe(
    401,
  )

  const cookie = `__Host-session=${signedIn.createToken()}`
  const inCookie = (headers: Record<string, string>) =>
    askGraphql(gateway.url, '{ greeting }', { headers: { cookie, ...headers } })
  expect((await inCookie({ 'apollo-require-preflight': '1' })).status).toBe(200)
  expect((await inCookie({ origin: 'https://app.example.com' })).status).toBe(200)
  expect((await inCookie({ origin: 'https://evil.example' })).errors[0]?.extensions.code).toBe('CSRF_ERROR')

  profiles.closeAllConnections()
  profiles.close()
  await once(profiles, 'close')
  expect((await ask({ sub: 'u-new' })).errors[0]?.extensions.code).toBe('IDENTITY_UNAVAILABLE')
})

it('the guide to issuers knows the marks of machines', async () => {
  const [, block = ''] = blocks('yaml')
  const { issuers } = (parseYaml(block) as { identity: { issuers: { machines: object }[] } }).identity
  const marks = [...GUIDE.matchAll(/^\| \S.*?\| `(\{ claim: .*?\})`/gm)].map(
    ([, mark = '']) => parseYaml(mark) as object,
  )
  expect(marks).toHaveLength(4)
  expect(marks).toContainEqual(issuers[0]?.machines)
  const claims = [
    { preferred_username: 'service-account-shop' },
    { gty: 'client-credentials' },
    { idtyp: 'app' },
    { cid: 'export' },
  ]
  const signedIn = createSignedIn()
  const subgraph = await createRecordingSubgraph({ greeting: 'hello' })
  const own = { url: subgraph.url, typeDefs: 'type Query { greeting: String }' }
  for (const [index, machines] of marks.entries()) {
    const gateway = await startGateway(
      { own },
      { config: { identity: { issuers: [{ ...signedIn.issuer, machines }] }, cache: { enabled: false } } },
    )
    for (const each of claims) {
      const token = signedIn.createToken({ sub: 'export', ...each })
      expect((await askGraphql(gateway.url, '{ greeting }', { token })).status).toBe(200)
    }
    const users = subgraph.seen.splice(0).map(({ headers }) => headers['x-user-id'])
    expect(users).toEqual(claims.map((_, each) => (each === index ? undefined : 'export')))
  }
})
