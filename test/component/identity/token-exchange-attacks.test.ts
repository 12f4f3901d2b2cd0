import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decodeJwt } from 'jose'
import {
  createKey,
  createToken,
  EC_KEY,
  encode,
  GOOD_CLAIMS,
  ISSUER,
  NOW_SECONDS,
  RSA_KEY,
  signText,
} from '../../unit/identity/identity-world.js'
import { eventually } from '../../support/eventually.js'
import {
  ACCESS_TOKEN,
  askGraphql,
  basic,
  exchange,
  GATEWAY,
  JWT_TYPE,
  PARTNER,
  sha256,
  startTokenWorld,
  type TokenWorld,
} from './token-world.js'

let world: TokenWorld
beforeAll(async () => {
  world = await startTokenWorld()
})
afterAll(() => world.close())

const [HEADER = '', PAYLOAD = '', SIGNATURE = ''] = createToken().split('.')
const ATTACKER = createKey(RSA_KEY.kid, 'RS256')
const headerOf = (members: object) => encode(JSON.stringify({ typ: 'JWT', kid: RSA_KEY.kid, ...members }))

function hmacToken(secret: string): string {
  const input = `${headerOf({ alg: 'HS256' })}.${PAYLOAD}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

describe('a subject token is refused when it', () => {
  it.each<readonly [string, string]>([
    ['is signed with none', `${headerOf({ alg: 'none' })}.${PAYLOAD}.`],
    ['is signed with none and has a signature', `${headerOf({ alg: 'None' })}.${PAYLOAD}.${SIGNATURE}`],
    [
      'is signed with the public key as secret',
      hmacToken(RSA_KEY.publicKey.export({ type: 'spki', format: 'pem' }) as string),
    ],
    ['is signed with the JWK as secret', hmacToken(JSON.stringify(RSA_KEY.jwk))],
    ['is signed by another key', createToken({}, {}, ATTACKER)],
    ['brings its own key', createToken({}, { jwk: ATTACKER.jwk }, ATTACKER)],
    ['points to its own keys', createToken({}, { jku: 'https://evil.example/jwks.json' }, ATTACKER)],
    ['is of another issuer', createToken({ iss: 'https://evil.example' })],
    ['claims to be of the gateway, by a foreign key', createToken({ iss: GATEWAY })],
    [
      'claims to be of the gateway, by a foreign ES256 key',
      createToken({ iss: GATEWAY }, { typ: 'at+jwt' }, EC_KEY),
    ],
    ['is for another audience', createToken({ aud: 'other' })],
    ['is for nobody', createToken({ aud: undefined })],
    ['is expired', createToken({ exp: NOW_SECONDS - 31 })],
    ['is expired, but within the tolerance', createToken({ exp: NOW_SECONDS - 1 })],
    ['ends now', createToken({ exp: NOW_SECONDS })],
    ['never ends', createToken({ exp: undefined })],
    ['is not valid yet', createToken({ nbf: NOW_SECONDS + 31 })],
    ['has no subject', createToken({ sub: undefined })],
    [
      'has two subjects',
      signText(
        JSON.stringify({ alg: 'RS256', kid: RSA_KEY.kid }),
        JSON.stringify(GOOD_CLAIMS).replace('{', '{"sub":"admin",'),
      ),
    ],
    ['is of another tenant', createToken({ tenant: 'globex' })],
    ['is of another tenant in case only', createToken({ tenant: 'Acme' })],
    ['is of no tenant', createToken({ tenant: undefined })],
    ['is an id token', createToken({}, { typ: 'id_token' })],
    ['may be used by somebody else only', createToken({ may_act: { sub: 'reader' } })],
    ['may be used by nobody', createToken({ may_act: null })],
    ['has an actor that is a text', createToken({ act: 'partner' })],
    ['has an actor without a name', createToken({ act: {} })],
    ['has a chain of actors without end', createToken({ act: chain(40) })],
    ['is changed', `${HEADER}.${encode(JSON.stringify({ ...GOOD_CLAIMS, scope: 'admin' }))}.${SIGNATURE}`],
    ['is respelled', `${createToken()}=`],
    ['is a bearer header', `Bearer ${createToken()}`],
    ['is over 8 kB', createToken({ filler: 'a'.repeat(8_000) })],
    ['is not a token', 'opaque-token-of-somebody'],
  ])('%s', async (_name, token) => {
    const view = await world.ask(exchange(token), PARTNER)

    expect([view.status, view.json]).toEqual([
      400,
      { error: 'invalid_request', error_description: 'The subject_token is not valid or not acceptable.' },
    ])
  })

  it('is the gateway’s own and over', async () => {
    const other = await startTokenWorld()
    const token = await other.token('partner', exchange(createToken()))
    other.clock.ms += 300_000
    const view = await other.ask(exchange(token), PARTNER)
    await other.close()

    expect([view.status, view.json.error]).toEqual([400, 'invalid_request'])
  })

  it('is revoked, as is what it was exchanged for when the subject is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'revocations-'))
    const file = join(folder, 'revoked.txt')
    await writeFile(file, 'jti:stolen\n')
    const revocations = { file, refreshSeconds: 0.02 }
    const other = await startTokenWorld({ identity: { revocations } })
    const view = await other.ask(exchange(createToken({ jti: 'stolen' })), PARTNER)
    const good = await other.token('partner', exchange(createToken({ jti: 'mine' })))
    const before = (await askGraphql(other.send, good)).status
    await writeFile(file, `sub:u-1@${String(NOW_SECONDS)}\n`)
    const after = await eventually(
      () => askGraphql(other.send, good),
      ({ status }) => status === 401,
    )
    await other.close()
    await rm(folder, { recursive: true })

    expect([view.status, view.json.error]).toEqual([400, 'invalid_request'])
    expect([before, after.status]).toEqual([200, 401])
  })

  it.each(['client_credentials of ours', 'another issuer'])(
    'is one of a client itself, by %s',
    async (by) => {
      const token = by.endsWith('ours')
        ? await world.token('partner', { grant_type: 'client_credentials' })
        : createToken({ sub: 'partner', client_id: 'partner' })
      const view = await world.ask(exchange(token), PARTNER)

      expect([view.status, view.json.error]).toEqual([400, 'invalid_request'])
    },
  )

  it('belongs to the tenant of another client', async () => {
    const view = await world.ask(exchange(createToken()), basic('stranger', 'secret-of-stranger'))

    expect([view.status, view.json.error]).toEqual([400, 'invalid_request'])
  })
})

describe('an exchange is refused', () => {
  it.each<readonly [string, Record<string, string>]>([
    ['without a subject token', { subject_token: '' }],
    ['without its type', { subject_token_type: '' }],
    ['for an id token', { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }],
    ['for a SAML assertion', { subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }],
    ['for a refresh token', { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
    ['with an actor token', { actor_token: createToken(), actor_token_type: ACCESS_TOKEN }],
    ['with the type of an actor token', { actor_token_type: ACCESS_TOKEN }],
  ])('%s', async (_name, more) => {
    const view = await world.ask(exchange(createToken(), more), PARTNER)

    expect([view.status, view.json.error]).toEqual([400, 'invalid_request'])
  })

  it.each(['order:write', 'order:read order:write', 'admin', 'order:read admin'])(
    'for the scope %s, which not both have',
    async (scope) => {
      const view = await world.ask(exchange(createToken({ scope: 'order:read admin' }), { scope }), PARTNER)

      expect([view.status, view.json.error]).toEqual([400, 'invalid_scope'])
    },
  )
})

describe('exchanging again and again', () => {
  it('never widens and never outlives, and ends after a few', async () => {
    const other = await startTokenWorld()
    const first = decodeJwt(createToken({ exp: NOW_SECONDS + 100, plan: 'free', roles: ['buyer'] }))
    let token = createToken({ exp: NOW_SECONDS + 100, plan: 'free', roles: ['buyer'] })
    const statuses: number[] = []
    for (let round = 0; round < 7; round += 1) {
      other.clock.ms += 10_000
      const view = await other.ask(exchange(token, { subject_token_type: JWT_TYPE }), PARTNER)
      statuses.push(view.status)
      if (view.status !== 200) break
      token = view.json.access_token
      const claims = decodeJwt(token)
      expect(claims.exp).toBeLessThanOrEqual(first.exp ?? 0)
      expect(claims).toMatchObject({
        sub: 'u-1',
        plan: 'free',
        roles: ['buyer'],
        scope: 'order:read user:email',
      })
    }
    await other.close()

    expect(statuses).toEqual([200, 200, 200, 200, 200, 400])
  })

  it('never gets a narrowed scope back', async () => {
    const narrow = await world.token('partner', exchange(createToken(), { scope: 'order:read' }))
    const view = await world.ask(exchange(narrow, { scope: 'order:read user:email' }), PARTNER)
    const silent = await world.ask(exchange(narrow), PARTNER)

    expect([view.status, view.json.error]).toEqual([400, 'invalid_scope'])
    expect(silent.json.scope).toBe('order:read')
  })
})

describe('whatever is asked, by whomever, of whatever token', () => {
  const WORDS = ['a', 'b', 'c', 'd', 'admin']
  const scopes = fc.uniqueArray(fc.constantFrom(...WORDS))
  const plans = fc.constantFrom('free', 'pro', 'enterprise')
  const clients = WORDS.flatMap((_word, mask) => [mask, mask + 7, mask * 5]).map((mask, index) => ({
    id: `c${String(index)}`,
    secretHash: sha256('s'),
    scopes: WORDS.filter((_word, bit) => (mask & (1 << bit)) !== 0),
    roles: WORDS.filter((_word, bit) => (mask & (2 << bit)) !== 0),
    plan: ['free', 'pro', 'enterprise'][index % 3],
    grants: ['client_credentials', 'token_exchange'],
    tenant: 'acme',
  }))

  it('no token is wider than the client and the subject, and only a wider request is refused', async () => {
    const wide = await startTokenWorld({ endpoint: { clients } })
    const count = { given: 0, refused: 0 }
    const property = fc.asyncProperty(
      fc.constantFrom(...clients),
      fc.option(
        fc.record({ scope: scopes, roles: scopes, plan: plans, life: fc.integer({ min: 1, max: 900 }) }),
      ),
      fc.option(fc.uniqueArray(fc.constantFrom(...WORDS), { minLength: 1 })),
      async (client, subject, requested) => {
        const scope = requested === null ? {} : { scope: requested.join(' ') }
        const form =
          subject === null
            ? { grant_type: 'client_credentials', ...scope }
            : exchange(
                createToken(
                  {
                    scope: subject.scope.join(' '),
                    roles: subject.roles,
                    plan: subject.plan,
                    exp: NOW_SECONDS + subject.life,
                  },
                  {},
                  EC_KEY,
                ),
                scope,
              )
        const bound = client.scopes.filter((word) => subject === null || subject.scope.includes(word))
        const view = await wide.ask(form, basic(client.id, 's'))
        if (requested?.some((word) => !bound.includes(word)) === true) {
          count.refused += 1
          expect([view.status, view.json.error]).toEqual([400, 'invalid_scope'])
          return
        }
        count.given += 1
        expect(view.status).toBe(200)
        const principal = await wide.whoIs(view.json.access_token)
        expect([...principal.scopes].sort()).toEqual([...(requested ?? bound)].sort())
        const roles = client.roles.filter((word) => subject === null || subject.roles.includes(word))
        expect([...principal.roles].sort()).toEqual([...roles].sort())
        const rank = (plan = '') => ['free', 'pro', 'enterprise'].indexOf(plan)
        expect(rank(principal.plan)).toBe(Math.min(rank(client.plan), rank(subject?.plan ?? 'enterprise')))
        expect(decodeJwt(view.json.access_token).exp).toBe(NOW_SECONDS + Math.min(300, subject?.life ?? 300))
      },
    )
    await fc.assert(property, { numRuns: 400 })
    await wide.close()

    expect(count.given).toBeGreaterThan(50)
    expect(count.refused).toBeGreaterThan(50)
  })
})

function chain(length: number): object {
  return length === 1 ? { sub: 'a' } : { sub: 'a', act: chain(length - 1) }
}

// The tests above say who signs; this one says that the good token they are made from is good.
it('the subject token that all of this begins with is accepted', async () => {
  expect(decodeJwt(await world.token('partner', exchange(createToken()))).sub).toBe(GOOD_CLAIMS.sub)
  expect(GOOD_CLAIMS.iss).toBe(ISSUER)
})
