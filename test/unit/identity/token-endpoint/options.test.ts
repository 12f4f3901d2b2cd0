import { describe, expect, it } from '@jest/globals'
import { identityOptions } from '../../../../src/identity/options.js'

const CLIENT = { id: 'partner', secretHash: `sha256:${'0'.repeat(64)}` }
const ENDPOINT = { issuer: 'https://api.example', clients: [CLIENT] }
const SALT = 'A'.repeat(22)
const DIGEST = 'A'.repeat(43)

const findingsOf = (options: object): string[] => {
  const { error } = identityOptions.safeParse(options)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)
}
const withEndpoint = (members: object) => ({ tokenEndpoint: { ...ENDPOINT, ...members } })
const withClient = (members: object) => withEndpoint({ clients: [{ ...CLIENT, ...members }] })

describe('the options of the token endpoint', () => {
  it('are none by default, and short lives where there are some', () => {
    expect(identityOptions.parse({}).tokenEndpoint).toBeUndefined()
    expect(identityOptions.parse({ tokenEndpoint: ENDPOINT }).tokenEndpoint).toMatchObject({
      ttlSeconds: 300,
      rotateSeconds: 86_400,
      publishAheadSeconds: 300,
      clients: [{ scopes: [], grants: ['client_credentials'], plan: 'free', roles: [], audiences: [] }],
    })
  })

  it.each<readonly [string, object, string]>([
    ['no issuer', { tokenEndpoint: { clients: [CLIENT] } }, 'tokenEndpoint.issuer: '],
    ['an issuer that is no URL', withEndpoint({ issuer: 'gatehouse' }), 'tokenEndpoint.issuer: '],
    ['no clients', withEndpoint({ clients: [] }), 'tokenEndpoint.clients: '],
    [
      'a client twice',
      withEndpoint({ clients: [CLIENT, CLIENT] }),
      'tokenEndpoint.clients: name a client twice',
    ],
    ['a life over an hour', withEndpoint({ ttlSeconds: 3_601 }), 'tokenEndpoint.ttlSeconds: '],
    ['no life', withEndpoint({ ttlSeconds: 0 }), 'tokenEndpoint.ttlSeconds: '],
    [
      'a key that is published too late',
      withEndpoint({ publishAheadSeconds: 59 }),
      'tokenEndpoint.publishAheadSeconds: ',
    ],
    [
      'a key that is published too early',
      withEndpoint({ rotateSeconds: 600, publishAheadSeconds: 301 }),
      'tokenEndpoint.publishAheadSeconds: is more than half',
    ],
    [
      'a restless rotation',
      withEndpoint({ rotateSeconds: 599, publishAheadSeconds: 60 }),
      'tokenEndpoint.rotateSeconds: ',
    ],
    [
      'the secret itself',
      withClient({ secretHash: 'secret' }),
      'tokenEndpoint.clients.0.secretHash: is neither',
    ],
    [
      'a hash of another kind',
      withClient({ secretHash: `md5:${'0'.repeat(32)}` }),
      'tokenEndpoint.clients.0.secretHash: ',
    ],
    [
      'half a hash',
      withClient({ secretHash: `sha256:${'0'.repeat(63)}` }),
      'tokenEndpoint.clients.0.secretHash: ',
    ],
    [
      'a weak scrypt',
      withClient({ secretHash: `scrypt:8192:8:1:${SALT}:${DIGEST}` }),
      'tokenEndpoint.clients.0.secretHash: ',
    ],
    [
      'a scrypt that fills the memory',
      withClient({ secretHash: `scrypt:65536:8:1:${SALT}:${DIGEST}` }),
      'tokenEndpoint.clients.0.secretHash: ',
    ],
    [
      'a scrypt of an odd number',
      withClient({ secretHash: `scrypt:16385:8:1:${SALT}:${DIGEST}` }),
      'tokenEndpoint.clients.0.secretHash: ',
    ],
    ['an id with a colon', withClient({ id: 'a:b' }), 'tokenEndpoint.clients.0.id: '],
    ['two scopes in one', withClient({ scopes: ['a b'] }), 'tokenEndpoint.clients.0.scopes.0: '],
    ['an unknown grant', withClient({ grants: ['password'] }), 'tokenEndpoint.clients.0.grants.0: '],
    ['no grant', withClient({ grants: [] }), 'tokenEndpoint.clients.0.grants: '],
    ['an unknown key', withClient({ secret: 'x' }), 'tokenEndpoint.clients.0: '],
    [
      'an issuer that others have',
      { ...withEndpoint({}), issuers: [{ issuer: 'https://api.example', jwksFile: 'x' }] },
      'tokenEndpoint.issuer: is one of the issuers',
    ],
    [
      'a life over what is accepted',
      { ...withEndpoint({}), maxLifetimeSeconds: 200 },
      'tokenEndpoint.ttlSeconds: is more',
    ],
  ])('are refused with %s', (_name, options, finding) => {
    expect(findingsOf(options)).toEqual([expect.stringContaining(finding)])
  })
})

describe('the options of the resource', () => {
  it.each([
    'https://api.example',
    'https://api.example/',
    'https://api.example/shop',
    'http://localhost:4000',
  ])('take %s', (url) => {
    expect(findingsOf({ resource: { url } })).toEqual([])
  })

  it.each([
    'api.example',
    'ftp://api.example',
    'https://api.example/?a=1',
    'https://api.example/#a',
    'https://user:password@api.example/',
    'https://api.example/:id',
    'https://api.example/a"b',
  ])('refuse %s', (url) => {
    expect(findingsOf({ resource: { url } })).toHaveLength(1)
  })
})
