import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createToken, ISSUER } from '../../unit/identity/identity-world.js'
import { GATEWAY, startTokenWorld, type TokenWorld } from './token-world.js'

const METADATA = `resource_metadata="${GATEWAY}/.well-known/oauth-protected-resource"`

let world: TokenWorld
let nameless: TokenWorld
beforeAll(async () => {
  world = await startTokenWorld({
    identity: { anonymous: { allowed: false }, resource: { url: GATEWAY, scopes: ['order:read'] } },
  })
  nameless = await startTokenWorld({ identity: { anonymous: { allowed: false }, resource: {} } })
})
afterAll(() => Promise.all([world.close(), nameless.close()]))

const QUERY = { method: 'POST', body: '{"query":"{ me }"}' }
const withHeaders = (headers: Record<string, string>) => ({
  ...QUERY,
  headers: { 'content-type': 'application/json', ...headers },
})

describe('the challenge of a 401 (RFC 6750 §3, RFC 9728 §5.1)', () => {
  it.each<readonly [string, Record<string, string>, string]>([
    ['no credential', {}, ''],
    ['a bad token', { authorization: 'Bearer x.y.z' }, ', error="invalid_token"'],
    [
      'a token of somebody else',
      { authorization: `Bearer ${createToken({ iss: 'x' })}` },
      ', error="invalid_token"',
    ],
    ['another scheme', { authorization: 'Basic dTpw' }, ''],
  ])('for %s', async (_name, headers, error) => {
    const graphql = await world.send('/graphql', withHeaders(headers))
    const bff = await world.send('/bff/who', { headers })
    const plain = await nameless.send('/graphql', withHeaders(headers))

    for (const view of [graphql, bff]) {
      expect(view.status).toBe(401)
      expect(view.headers.get('www-authenticate')).toBe(`Bearer realm="gatehouse"${error}, ${METADATA}`)
    }
    expect(plain.headers.get('www-authenticate')).toBe(`Bearer realm="gatehouse"${error}`)
  })
})

describe('the metadata of the resource (RFC 9728 §2)', () => {
  it('names issuers, scopes and the way to send a token', async () => {
    const view = await world.send('/.well-known/oauth-protected-resource')

    expect(view.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(view.json).toEqual({
      resource: GATEWAY,
      authorization_servers: [ISSUER, GATEWAY],
      scopes_supported: ['order:read'],
      bearer_methods_supported: ['header'],
    })
  })

  it('stands between host and path of a resource with a path (§3.1), and says nothing it does not know', async () => {
    const resource = { url: 'https://example.org/shop/', documentation: 'https://example.org/docs' }
    const deep = await startTokenWorld({ identity: { resource, issuers: [], tokenEndpoint: undefined } })
    const view = await deep.send('/.well-known/oauth-protected-resource/shop')
    const wrong = await deep.send('/.well-known/oauth-protected-resource')
    await deep.close()

    expect(deep.identity.resourceMetadataUrl).toBe(
      'https://example.org/.well-known/oauth-protected-resource/shop',
    )
    expect(view.json).toEqual({
      resource: 'https://example.org/shop/',
      bearer_methods_supported: ['header'],
      resource_documentation: 'https://example.org/docs',
    })
    expect(wrong.status).toBe(404)
  })
})
