import { describe, expect, it } from '@jest/globals'
import { isPromise } from '../../../src/kernel/stage.js'
import {
  createKey,
  createReceived,
  createToken,
  createWorld,
  EC_KEY,
  ISSUER,
  NOW_SECONDS,
  refusalOf,
  RSA_KEY,
} from './identity-world.js'

describe('a good token', () => {
  it.each([
    ['RS256', RSA_KEY],
    ['ES256', EC_KEY],
  ])('signed with %s makes a principal', async (_name, key) => {
    const { principal } = await createWorld().identifyToken(
      createToken({ plan: 'pro', roles: ['buyer'], email: 'u1@example.org' }, {}, key),
    )

    expect(principal).toEqual({
      kind: 'user',
      key: expect.stringMatching(/^user:[\w-]{12}:acme:u-1$/),
      userId: 'u-1',
      tenant: 'acme',
      plan: 'pro',
      scopes: new Set(['order:read', 'user:email']),
      scopeKey: 'order:read user:email',
      roles: ['buyer'],
      email: 'u1@example.org',
      expiresAtSeconds: NOW_SECONDS + 600 + 30,
    })
  })

  it.each<readonly [string, object, object]>([
    ['typ at+jwt', {}, { typ: 'at+jwt' }],
    ['no typ', {}, { typ: undefined }],
    ['a list of audiences', { aud: ['other', 'gatehouse'] }, {}],
    ['an expiry within the tolerance', { exp: NOW_SECONDS - 29 }, {}],
    ['nbf within the tolerance', { nbf: NOW_SECONDS + 30 }, {}],
    ['iat a little ahead', { iat: NOW_SECONDS + 60 }, {}],
    ['a life of exactly a day', { exp: NOW_SECONDS - 60 + 86_400 }, {}],
    ['equal names in different objects', { a: { sub: 1 }, b: [{ sub: 2 }, { sub: 3 }] }, {}],
    ['text that looks like a second name', { note: '"sub":"x","sub":"y"' }, {}],
  ])('is accepted with %s', async (_name, claims, header) => {
    const { principal } = await createWorld().identifyToken(createToken(claims, header))

    expect(principal.userId).toBe('u-1')
  })

  it.each(['Bearer', 'bearer', 'BEARER', 'Bearer  '])('is found after the scheme "%s"', async (scheme) => {
    const { principal } = await createWorld().identify({ authorization: `${scheme} ${createToken()}` })

    expect(principal.userId).toBe('u-1')
  })

  it.each<readonly [object, string]>([
    [{ scope: 'b a b' }, 'a b'],
    [{ scope: ['b', 'a'] }, 'a b'],
    [{ scope: undefined, scopes: ['x'] }, 'x'],
    [{ scope: '' }, ''],
    [{ scope: undefined }, ''],
  ])('gives the scopes of %j', async (claims, scopeKey) => {
    const { principal } = await createWorld().identifyToken(createToken(claims))

    expect(principal.scopeKey).toBe(scopeKey)
    expect([...principal.scopes].sort().join(' ')).toBe(scopeKey)
  })

  it.each(['gold', 7, null, 'Pro'])('with plan %j is on the free plan', async (plan) => {
    const { principal } = await createWorld().identifyToken(createToken({ plan }))

    expect(principal.plan).toBe('free')
  })

  it('without a tenant belongs to the default tenant', async () => {
    const world = createWorld({ defaultTenant: 'acme-2' })

    expect((await world.identifyToken(createToken({ tenant: undefined }))).principal.tenant).toBe('acme-2')
  })

  it('never shares its key with another tenant, issuer or subject', async () => {
    const other = 'https://other.example/'
    const keys = [RSA_KEY.jwk]
    const world = createWorld({
      issuers: [
        { issuer: ISSUER, jwks: { keys } },
        { issuer: other, jwks: { keys } },
      ],
    })
    const claims = [
      {},
      { iss: other },
      { tenant: 'acme:u', sub: '1' },
      { tenant: 'acme', sub: 'u:1' },
      { sub: 'acme:u-1' },
    ]

    const principals = await Promise.all(claims.map((each) => world.identifyToken(createToken(each))))

    expect(new Set(principals.map(({ principal }) => principal.key)).size).toBe(claims.length)
  })

  it.each<readonly [object, readonly string[] | undefined]>([
    [{ realm_access: { roles: ['a', 'b'] } }, ['a', 'b']],
    [{ realm_access: { roles: ['a'] }, 'realm_access.roles': ['whole'] }, ['whole']],
    [{ realm_access: ['roles'] }, []],
    [{ realm_access: null }, []],
    [{ realm_access: { roles: { a: true } } }, undefined],
  ])('is read by a path into the objects of its claims: %j', async (claims, roles) => {
    const paths = {
      tenant: '__proto__.name',
      scopes: ['resource_access.shop.scopes'],
      roles: 'realm_access.roles',
    }
    const issuer = { issuer: ISSUER, jwks: { keys: [RSA_KEY.jwk] }, claims: paths }
    const world = createWorld({ issuers: [issuer], defaultTenant: 'acme-2' })
    const token = createToken({ resource_access: { shop: { scopes: 'b a' } }, ...claims })

    if (roles === undefined) {
      expect(await refusalOf(world.identifyToken(token))).toMatchObject({ code: 'UNAUTHENTICATED' })
      return
    }
    const { principal } = await world.identifyToken(token)
    expect(principal).toMatchObject({ roles, scopeKey: 'a b', tenant: 'acme-2' })
  })

  it('of a client itself makes a machine, which is no user, whatever else its issuer says of it', async () => {
    const world = createWorld()
    const claims = {
      sub: 'export',
      client_id: 'export',
      plan: 'pro',
      roles: ['batch'],
      email: 'a@example.org',
    }

    const { principal } = await world.identifyToken(createToken(claims))

    expect(principal).toEqual({
      kind: 'machine',
      key: expect.stringMatching(/^client:[\w-]{12}:acme:export$/),
      tenant: 'acme',
      plan: 'pro',
      scopes: new Set(['order:read', 'user:email']),
      scopeKey: 'order:read user:email',
      roles: ['batch'],
      expiresAtSeconds: NOW_SECONDS + 600 + 30,
    })
  })

  it.each<readonly [string, object]>([
    ['a client of another name', { client_id: 'web' }],
    ['a client of his name that acts for him', { client_id: 'u-1', act: { sub: 'u-1' } }],
    ['a client whose name is no text', { client_id: ['u-1'] }],
  ])('is of a user who came by %s', async (_name, claims) => {
    const { principal } = await createWorld().identifyToken(createToken(claims))

    expect(principal).toMatchObject({ kind: 'user', userId: 'u-1' })
  })

  const byName = { claim: 'preferred_username', pattern: '^service-account-' }

  it.each<readonly [string, object, object]>([
    ['what the claim holds', byName, { preferred_username: 'service-account-export' }],
    ['what stands below a claim', { claim: 'ext.kind', pattern: '^app$' }, { ext: { kind: 'app' } }],
    ['a claim that equals the subject', { claim: 'cid' }, { cid: 'u-1' }],
    ['the claim of the standard all the same', byName, { client_id: 'u-1' }],
  ])('is of a machine where its issuer says so by %s', async (_name, machines, claims) => {
    const world = createWorld({ issuers: [{ issuer: ISSUER, jwks: { keys: [RSA_KEY.jwk] }, machines }] })
    const { principal } = await world.identifyToken(createToken(claims))

    expect(principal).toMatchObject({ kind: 'machine', key: expect.stringMatching(/^client:.*:u-1$/) })
    expect(principal).not.toHaveProperty('userId')
  })

  it.each<readonly [string, object, object]>([
    ['holds something else', byName, { preferred_username: 'my-service-account-export' }],
    ['holds no text', byName, { preferred_username: ['service-account-export'] }],
    ['is not there', { claim: 'cid' }, {}],
    ['is that of another', { claim: 'cid' }, { cid: 'web' }],
    ['stands beside an actor', byName, { preferred_username: 'service-account-export', act: { sub: 'x' } }],
  ])('is of a user where the claim that marks machines %s', async (_name, machines, claims) => {
    const world = createWorld({ issuers: [{ issuer: ISSUER, jwks: { keys: [RSA_KEY.jwk] }, machines }] })
    const { principal } = await world.identifyToken(createToken(claims))

    expect(principal).toMatchObject({ kind: 'user', userId: 'u-1' })
  })

  it('may have roles of several words in a list', async () => {
    const { principal } = await createWorld().identifyToken(createToken({ roles: ['IT Support', 'hr'] }))

    expect(principal.roles).toEqual(['IT Support', 'hr'])
  })

  it('is good for as long as its issuer says that clocks may differ', async () => {
    const other = 'https://other.example/'
    const jwks = { keys: [RSA_KEY.jwk] }
    const issuers = [
      { issuer: ISSUER, jwks },
      { issuer: other, jwks, clockToleranceSeconds: 0 },
    ]
    const world = createWorld({ issuers, clockToleranceSeconds: 20 })
    const [lenient, strict] = [createToken(), createToken({ iss: other })]
    await world.identifyToken(strict)
    world.clock.ms = (NOW_SECONDS + 610) * 1000

    expect((await world.identifyToken(lenient)).principal.expiresAtSeconds).toBe(NOW_SECONDS + 620)
    expect(await refusalOf(world.identifyToken(strict))).toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await refusalOf(world.identifyToken(createToken({ iss: other, jti: 'not seen' })))).toMatchObject({
      code: 'UNAUTHENTICATED',
    })
  })

  it('is read by the claims that its issuer uses', async () => {
    const claims = {
      tenant: 'https://x/org',
      scopes: ['permissions'],
      roles: 'groups',
      plan: 'tier',
      email: 'mail',
    }
    const world = createWorld({ issuers: [{ issuer: ISSUER, jwks: { keys: [RSA_KEY.jwk] }, claims }] })

    const { principal } = await world.identifyToken(
      createToken({ 'https://x/org': 'o', permissions: ['p'], groups: 'g h', tier: 'pro', mail: 'm@x' }),
    )

    expect(principal).toMatchObject({
      tenant: 'o',
      scopeKey: 'p',
      roles: ['g', 'h'],
      plan: 'pro',
      email: 'm@x',
    })
  })

  it('needs no key id where the issuer has a single public key', async () => {
    const publicKey = RSA_KEY.publicKey.export({ type: 'spki', format: 'pem' })
    const world = createWorld({ issuers: [{ issuer: ISSUER, publicKey }] })

    const { principal } = await world.identifyToken(createToken({}, { kid: undefined }))

    expect(principal.userId).toBe('u-1')
    const forged = createToken({}, { kid: undefined }, createKey('x', 'RS256'))
    expect((await refusalOf(world.identifyToken(forged))).code).toBe('UNAUTHENTICATED')
  })
})

describe('a remembered token', () => {
  it('is answered without waiting, with the same principal', async () => {
    const world = createWorld()
    const token = createToken()
    const first = await world.identifyToken(token)

    const again = world.identity.stage.run(createReceived({ authorization: `Bearer ${token}` }))

    if (isPromise(again)) throw new Error('had to wait')
    expect(again.principal).toBe(first.principal)
  })

  it('has one principal also where it came several times before it was known', async () => {
    const world = createWorld()
    const token = createToken()
    const found = await Promise.all([1, 2, 3].map(async () => world.identifyToken(token)))
    const known = await world.identifyToken(token)
    for (const { principal } of found) expect(principal).toBe(known.principal)
  })

  it('is refused once it has expired', async () => {
    const world = createWorld()
    const token = createToken()
    await world.identifyToken(token)

    world.clock.ms += (600 + 30) * 1000

    expect((await refusalOf(world.identifyToken(token))).code).toBe('UNAUTHENTICATED')
  })

  it('does not vouch for another spelling of itself', async () => {
    const world = createWorld()
    const token = createToken()
    await world.identifyToken(token)

    expect((await refusalOf(world.identifyToken(`${token}=`))).code).toBe('UNAUTHENTICATED')
  })
})

describe('without a token', () => {
  it('the caller is anonymous, known by address, and nobody waits', () => {
    const world = createWorld({ anonymous: { tenant: 'acme' } })

    const identified = world.identity.stage.run(createReceived({}))

    if (isPromise(identified)) throw new Error('had to wait')
    expect(identified.principal).toEqual({
      kind: 'anonymous',
      key: 'anonymous:203.0.113.9',
      tenant: 'acme',
      plan: 'free',
      scopes: new Set(),
      scopeKey: '',
      roles: [],
    })
  })

  it('the caller is refused where anonymous callers are not let in', async () => {
    const refusal = await refusalOf(createWorld({ anonymous: { allowed: false } }).identify({}))

    expect(refusal.code).toBe('UNAUTHENTICATED')
    expect(refusal.headers).toEqual({ 'www-authenticate': 'Bearer realm="gatehouse"' })
  })

  it.each(['gh_key', ''])('an API key %j is refused, never taken for anonymous', async (apiKey) => {
    expect((await refusalOf(createWorld().identify({ apiKey }))).code).toBe('UNAUTHENTICATED')
  })
})

describe('two credentials', () => {
  it('are refused, good or not', async () => {
    const refusal = await refusalOf(
      createWorld().identify({ authorization: `Bearer ${createToken()}`, apiKey: 'gh_key' }),
    )

    expect(refusal.code).toBe('BAD_REQUEST')
  })
})
