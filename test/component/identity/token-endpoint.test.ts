import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { scryptSync } from 'node:crypto'
import { request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { createToken, NOW_SECONDS } from '../../unit/identity/identity-world.js'
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

const CREDENTIALS = { grant_type: 'client_credentials' }

let world: TokenWorld
beforeAll(async () => {
  world = await startTokenWorld()
})
afterAll(() => world.close())

describe('client credentials', () => {
  it.each([
    ['Basic', CREDENTIALS, PARTNER],
    ['the body', { ...CREDENTIALS, client_id: 'partner', client_secret: 'secret-of-partner' }, {}],
    ['Basic, naming itself in the body too', { ...CREDENTIALS, client_id: 'partner' }, PARTNER],
  ])('by %s give a token with all scopes of the client', async (_name, form, headers) => {
    const view = await world.ask(form, headers)

    expect(view.status).toBe(200)
    expect(view.headers.get('cache-control')).toBe('no-store')
    expect(view.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(view.json).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'order:read order:write user:email',
    })
    expect(decodeProtectedHeader(view.json.access_token)).toEqual({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: expect.any(String),
    })
    expect(decodeJwt(view.json.access_token)).toEqual({
      iss: GATEWAY,
      aud: 'gatehouse',
      sub: 'partner',
      client_id: 'partner',
      tenant: 'acme',
      plan: 'pro',
      roles: ['partner', 'buyer'],
      scope: 'order:read order:write user:email',
      iat: NOW_SECONDS,
      exp: NOW_SECONDS + 300,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it('give fewer scopes on request, and the token is one of the gateway’s own on GraphQL and BFF', async () => {
    const token = await world.token('partner', { ...CREDENTIALS, scope: 'user:email order:read' })

    const principal = await world.whoIs(token)
    const bff = await world.send('/bff/who', { headers: { authorization: `Bearer ${token}` } })

    expect(principal).toMatchObject({
      kind: 'machine',
      key: expect.stringMatching(/^client:[\w-]{12}:acme:partner$/),
      tenant: 'acme',
      plan: 'pro',
      scopeKey: 'order:read user:email',
      roles: ['partner', 'buyer'],
      expiresAtSeconds: NOW_SECONDS + 300 + 30,
    })
    expect(principal).not.toHaveProperty('userId')
    expect(principal).not.toHaveProperty('apiKey')
    expect([bff.status, bff.json]).toEqual([200, principal])
  })

  it('with a scrypt hash, and an odd secret, form-encoded in Basic', async () => {
    const secret = 'grün +%:&='
    const salt = Buffer.from('0123456789abcdef')
    const digest = scryptSync(secret, salt, 32, { N: 16_384, r: 8, p: 1 })
    const hash = `scrypt:16384:8:1:${salt.toString('base64url')}:${digest.toString('base64url')}`
    const clients = [
      { id: 'slow', secretHash: hash },
      { id: 'fast', secretHash: sha256('s') },
    ]
    const other = await startTokenWorld({ endpoint: { clients } })

    const good = await other.ask(CREDENTIALS, basic('slow', secret))
    const alsoGood = await other.ask(CREDENTIALS, basic('fast', 's'))
    const bad = await other.ask(CREDENTIALS, basic('slow', 's'))
    await other.close()

    expect([good.status, alsoGood.status, bad.status]).toEqual([200, 200, 401])
    expect(good.json.scope).toBe('')
  })

  it('for another audience, where the client has it; that token is none for the gateway', async () => {
    const clients = [{ id: 'a', secretHash: sha256('s'), audiences: ['https://other.example'] }]
    const other = await startTokenWorld({ endpoint: { clients } })
    const view = await other.ask({ ...CREDENTIALS, audience: 'https://other.example' }, basic('a', 's'))
    const foreign = await other.ask({ ...CREDENTIALS, audience: 'https://third.example' }, basic('a', 's'))
    const own = await other.ask({ ...CREDENTIALS, audience: 'gatehouse' }, basic('a', 's'))
    const refused = await askGraphql(other.send, view.json.access_token)
    await other.close()

    expect(decodeJwt(view.json.access_token).aud).toBe('https://other.example')
    expect(refused.status).toBe(401)
    expect([foreign.status, foreign.json.error]).toEqual([400, 'invalid_target'])
    expect(own.status).toBe(200)
  })
})

it.each([{ resource: GATEWAY }, { resource: 'gatehouse' }, { resource: GATEWAY, audience: 'gatehouse' }])(
  'a client may name the gateway by %j (RFC 8707)',
  async (target) => {
    const token = await world.token('partner', { ...CREDENTIALS, ...target })

    expect(decodeJwt(token).aud).toBe('gatehouse')
  },
)

describe('token exchange', () => {
  it('gives a token in the subject’s name that says who acts', async () => {
    const subject = createToken({ plan: 'enterprise', roles: ['buyer', 'admin'], email: 'u1@example.org' })
    const view = await world.ask(exchange(subject), PARTNER)

    expect(view.json).toEqual({
      access_token: expect.any(String),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'order:read user:email',
    })
    expect(decodeJwt(view.json.access_token)).toMatchObject({
      iss: GATEWAY,
      sub: 'u-1',
      client_id: 'partner',
      act: { sub: 'partner' },
      tenant: 'acme',
      plan: 'pro',
      roles: ['buyer'],
      scope: 'order:read user:email',
    })
  })

  it('leaves the subject the same caller for limits and caches', async () => {
    const subject = createToken()
    const exchanged = await world.token('partner', exchange(subject))
    const again = await world.token('reader', exchange(exchanged, { subject_token_type: JWT_TYPE }))

    const keys = await Promise.all(
      [subject, exchanged, again].map(async (token) => (await world.whoIs(token)).key),
    )

    expect(new Set(keys).size).toBe(1)
    expect(decodeJwt(again)).toMatchObject({
      act: { sub: 'reader', act: { sub: 'partner' } },
      scope: 'order:read',
    })
  })

  it('is for a user, also where he has the name of the client, which itself is a machine with a key of its own', async () => {
    const subject = createToken({ sub: 'partner' })
    const own = await world.whoIs(await world.token('partner', CREDENTIALS))
    const user = await world.whoIs(await world.token('partner', exchange(subject)))

    expect(user).toMatchObject({ kind: 'user', userId: 'partner' })
    expect(own.kind).toBe('machine')
    expect(own.key).not.toBe(user.key)
  })

  it('ends with the subject token at the latest', async () => {
    const subject = createToken({ exp: NOW_SECONDS + 40 })
    const view = await world.ask(exchange(subject, { requested_token_type: JWT_TYPE }), PARTNER)

    expect(view.json).toMatchObject({ expires_in: 40, issued_token_type: JWT_TYPE })
    expect(decodeJwt(view.json.access_token).exp).toBe(NOW_SECONDS + 40)
  })

  it('honours may_act', async () => {
    const allowed = await world.ask(exchange(createToken({ may_act: { sub: 'partner' } })), PARTNER)
    const denied = await world.ask(exchange(createToken({ may_act: { sub: 'reader' } })), PARTNER)

    expect([allowed.status, denied.status, denied.json.error]).toEqual([200, 400, 'invalid_request'])
  })
})

describe('the endpoint refuses', () => {
  it.each<readonly [string, string | Record<string, string>, Record<string, string>, number, string]>([
    ['no credentials', CREDENTIALS, {}, 401, 'invalid_client'],
    ['an id without a secret', { ...CREDENTIALS, client_id: 'partner' }, {}, 401, 'invalid_client'],
    [
      'an empty secret',
      { ...CREDENTIALS, client_id: 'partner', client_secret: '' },
      {},
      401,
      'invalid_client',
    ],
    ['a wrong secret', CREDENTIALS, basic('partner', 'secret-of-reader'), 401, 'invalid_client'],
    ['the hash as secret', CREDENTIALS, basic('partner', sha256('secret-of-partner')), 401, 'invalid_client'],
    ['an unknown client', CREDENTIALS, basic('nobody', 'secret-of-partner'), 401, 'invalid_client'],
    ['an id in another case', CREDENTIALS, basic('Partner', 'secret-of-partner'), 401, 'invalid_client'],
    ['__proto__ as client', CREDENTIALS, basic('__proto__', 'x'), 401, 'invalid_client'],
    ['an endless secret', CREDENTIALS, basic('partner', 'x'.repeat(6_000)), 401, 'invalid_client'],
    [
      'a bearer token as client',
      CREDENTIALS,
      { authorization: `Bearer ${createToken()}` },
      401,
      'invalid_client',
    ],
    ['Basic and nothing', CREDENTIALS, { authorization: 'Basic ' }, 401, 'invalid_client'],
    ['Basic without a colon', CREDENTIALS, rawBasic('partner'), 401, 'invalid_client'],
    ['Basic in base64url', CREDENTIALS, { authorization: 'Basic cGFydG5lcjo_Pz8_' }, 401, 'invalid_client'],
    [
      'Basic with a respelled end',
      CREDENTIALS,
      { authorization: 'Basic cGFydG5lcjph=' },
      401,
      'invalid_client',
    ],
    [
      'Basic with a space inside',
      CREDENTIALS,
      { authorization: 'Basic cGFy dG5lcjph' },
      401,
      'invalid_client',
    ],
    [
      'Basic that is not UTF-8',
      CREDENTIALS,
      rawBasic(Buffer.from('partner:\xff', 'latin1')),
      401,
      'invalid_client',
    ],
    ['Basic with half a percent sign', CREDENTIALS, rawBasic('partner:secret%'), 401, 'invalid_client'],
    ['Basic with an overlong encoding', CREDENTIALS, rawBasic('partner:%c0%af'), 401, 'invalid_client'],
    ['Basic with a zero byte', CREDENTIALS, rawBasic('partner\0:secret-of-partner'), 401, 'invalid_client'],
    [
      'two Basics',
      CREDENTIALS,
      { authorization: `${PARTNER['authorization']}, ${PARTNER['authorization']}` },
      401,
      'invalid_client',
    ],
    [
      'a signed assertion',
      { ...CREDENTIALS, client_assertion: 'x', client_assertion_type: 'y' },
      {},
      401,
      'invalid_client',
    ],
    [
      'both ways at once',
      { ...CREDENTIALS, client_id: 'partner', client_secret: 'secret-of-partner' },
      PARTNER,
      400,
      'invalid_request',
    ],
    [
      'both ways, a secret alone',
      { ...CREDENTIALS, client_secret: 'secret-of-partner' },
      PARTNER,
      400,
      'invalid_request',
    ],
    ['another client in the body', { ...CREDENTIALS, client_id: 'reader' }, PARTNER, 400, 'invalid_request'],
    ['no grant type', { scope: 'order:read' }, PARTNER, 400, 'invalid_request'],
    ['an empty grant type', { grant_type: '' }, PARTNER, 400, 'invalid_request'],
    [
      'a password grant',
      { grant_type: 'password', username: 'u', password: 'p' },
      PARTNER,
      400,
      'unsupported_grant_type',
    ],
    [
      'a refresh',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      PARTNER,
      400,
      'unsupported_grant_type',
    ],
    ['a grant type of objects', { grant_type: 'constructor' }, PARTNER, 400, 'unsupported_grant_type'],
    [
      'a grant that the client has not',
      CREDENTIALS,
      basic('reader', 'secret-of-reader'),
      400,
      'unauthorized_client',
    ],
    ['a wider scope', { ...CREDENTIALS, scope: 'order:read admin' }, PARTNER, 400, 'invalid_scope'],
    ['a scope in another case', { ...CREDENTIALS, scope: 'ORDER:READ' }, PARTNER, 400, 'invalid_scope'],
    ['a wildcard scope', { ...CREDENTIALS, scope: '*' }, PARTNER, 400, 'invalid_scope'],
    ['scopes with commas', { ...CREDENTIALS, scope: 'order:read,user:email' }, PARTNER, 400, 'invalid_scope'],
    ['a scope with a tab', { ...CREDENTIALS, scope: 'order:read\tadmin' }, PARTNER, 400, 'invalid_scope'],
    ['a scope with a quote', { ...CREDENTIALS, scope: 'order:read"' }, PARTNER, 400, 'invalid_scope'],
    ['two spaces', { ...CREDENTIALS, scope: 'order:read  user:email' }, PARTNER, 400, 'invalid_scope'],
    [
      'another audience',
      { ...CREDENTIALS, audience: 'https://other.example' },
      PARTNER,
      400,
      'invalid_target',
    ],
    [
      'another resource',
      { ...CREDENTIALS, resource: 'https://other.example' },
      PARTNER,
      400,
      'invalid_target',
    ],
    [
      'grant_type twice',
      'grant_type=client_credentials&grant_type=client_credentials',
      PARTNER,
      400,
      'invalid_request',
    ],
    [
      'scope twice',
      'grant_type=client_credentials&scope=order:read&scope=admin',
      PARTNER,
      400,
      'invalid_request',
    ],
    [
      'scope twice, once encoded',
      'grant_type=client_credentials&scope=order:read&s%63ope=admin',
      PARTNER,
      400,
      'invalid_request',
    ],
    [
      'scope twice, once empty',
      'grant_type=client_credentials&scope=&scope=order:read',
      PARTNER,
      400,
      'invalid_request',
    ],
    [
      'client_id twice',
      'grant_type=client_credentials&client_id=partner&client_id=reader',
      PARTNER,
      400,
      'invalid_request',
    ],
    ['half a percent sign', 'grant_type=client_credentials&scope=%', PARTNER, 400, 'invalid_request'],
    [
      'a percent-encoded byte that is no UTF-8',
      'grant_type=client_credentials&scope=%ff',
      PARTNER,
      400,
      'invalid_request',
    ],
    ['an empty body', '', PARTNER, 400, 'invalid_request'],
    ['JSON in a form', '{"grant_type":"client_credentials"}', PARTNER, 400, 'invalid_request'],
  ])('%s', async (_name, form, headers, status, error) => {
    const view = await world.ask(form, headers)

    expect([view.status, view.json.error]).toEqual([status, error])
    expect(view.json).toEqual({ error, error_description: expect.any(String) })
    expect(view.headers.get('cache-control')).toBe('no-store')
    expect(view.headers.get('www-authenticate')).toBe(status === 401 ? 'Basic realm="gatehouse"' : null)
  })

  it.each([
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded; charset=utf-16',
    'application/x-www-form-urlencoded; boundary=x',
  ])('a body of type %s', async (type) => {
    const view = await world.ask(JSON.stringify(CREDENTIALS), { ...PARTNER, 'content-type': type })

    expect([view.status, view.json.error]).toEqual([415, 'invalid_request'])
  })

  it('bytes that a form cannot hold', async () => {
    const body = Buffer.from('grant_type=client_credentials&scope=\xff', 'latin1')
    const headers = { ...PARTNER, 'content-type': 'application/x-www-form-urlencoded' }
    const view = await world.send('/oauth/token', { method: 'POST', headers, body })

    expect([view.status, view.json.error]).toEqual([400, 'invalid_request'])
  })

  it('parameters in the URL', async () => {
    const headers = { ...PARTNER, 'content-type': 'application/x-www-form-urlencoded' }
    const view = await world.send('/oauth/token?grant_type=client_credentials', { method: 'POST', headers })

    expect([view.status, view.json.error]).toEqual([400, 'invalid_request'])
  })

  it('a body over 16 kB, announced or not', async () => {
    const announced = await world.ask(`grant_type=client_credentials&x=${'a'.repeat(17_000)}`, PARTNER)
    const streamed = await postInPieces(`${world.url}/oauth/token`, 40, 'a'.repeat(1_000))

    expect([announced.status, announced.json.code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    expect(streamed).toBe(413)
  })

  it('a body that inflates to more than 16 kB', async () => {
    const body = gzipSync(`grant_type=client_credentials&x=${'a'.repeat(5_000_000)}`)
    const type = 'application/x-www-form-urlencoded'
    const headers = { ...PARTNER, 'content-type': type, 'content-encoding': 'gzip' }
    const view = await world.send('/oauth/token', { method: 'POST', headers, body })

    expect([body.length < 16_384, view.status, view.json.code]).toEqual([true, 413, 'PAYLOAD_TOO_LARGE'])
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('the method %s', async (method) => {
    const view = await world.send('/oauth/token', { method, headers: PARTNER })

    expect([view.status, view.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

describe('the endpoint', () => {
  it('is counted by the request limit, and says so', async () => {
    const limited = await startTokenWorld({ limits: { requests: { perWindow: { anonymous: 2 } } } })
    const wrong = basic('partner', 'guess')
    const first = await limited.ask(CREDENTIALS, wrong)
    await limited.ask(CREDENTIALS, wrong)
    const third = await limited.ask(CREDENTIALS, PARTNER)
    await limited.close()

    expect([first.status, first.headers.get('x-ratelimit-remaining')]).toEqual([401, '1'])
    expect([third.status, third.json.code]).toEqual([429, 'REQUEST_RATE_LIMITED'])
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('writes who got what to the access log, and no secret or token', async () => {
    const from = world.lines.length
    const token = await world.token('partner', exchange(createToken()))
    await world.ask(CREDENTIALS, basic('nobody', 'planted-secret'))
    const lines = world.lines.slice(from).map(({ facts }) => facts)

    expect(lines).toEqual([
      expect.objectContaining({
        oauthClient: 'partner',
        grantType: 'token_exchange',
        tokenId: decodeJwt(token).jti,
      }),
      expect.objectContaining({ errorCodes: ['invalid_client'], reason: 'unknown client' }),
    ])
    expect(JSON.stringify(lines)).not.toMatch(/secret-of-partner|planted-secret|eyJ/)
  })

  it('does not exist unless it is configured', async () => {
    const plain = await startTokenWorld({ identity: { tokenEndpoint: undefined, resource: undefined } })
    const paths = ['/oauth/token', '/.well-known/jwks.json', '/.well-known/oauth-protected-resource']
    const views = await Promise.all([
      plain.ask(CREDENTIALS, PARTNER),
      ...paths.map((path) => plain.send(path)),
    ])
    await plain.close()

    expect(views.map(({ status }) => status)).toEqual([404, 404, 404, 404])
  })
})

function rawBasic(bytes: string | Buffer): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(bytes).toString('base64')}` }
}

/** Posts without a Content-Length; returns the status. */
function postInPieces(url: string, pieces: number, piece: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const sent = request(url, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    for (let index = 0; index < pieces; index += 1) sent.write(piece)
    sent.end()
  })
}
