import { createHmac, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import {
  createKey,
  createToken,
  createWorld,
  EC_KEY,
  encode,
  GOOD_CLAIMS,
  ISSUER,
  NOW_SECONDS,
  refusalOf,
  RSA_KEY,
  signText,
} from './identity-world.js'

type Vector = readonly [string, string]

const GOOD = createToken()
const [HEADER = '', PAYLOAD = '', SIGNATURE = ''] = GOOD.split('.')
const HEADER_TEXT = JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: RSA_KEY.kid })
const PAYLOAD_TEXT = JSON.stringify(GOOD_CLAIMS)
const ATTACKER = createKey(RSA_KEY.kid, 'RS256')

const headerOf = (members: object) =>
  encode(JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: RSA_KEY.kid, ...members }))

const NONE: Vector[] = ['none', 'None', 'NONE', 'nOnE', '', null, 0, true, ['none'], undefined].flatMap(
  (alg) => [
    [`alg ${JSON.stringify(alg)} without signature`, `${headerOf({ alg })}.${PAYLOAD}.`] as const,
    [`alg ${JSON.stringify(alg)} with a signature`, `${headerOf({ alg })}.${PAYLOAD}.${SIGNATURE}`] as const,
  ],
)

const pem = RSA_KEY.publicKey.export({ type: 'spki', format: 'pem' }) as string
const SHARED_SECRETS: readonly (readonly [string, string | Buffer])[] = [
  ['PEM', pem],
  ['trimmed PEM', pem.trim()],
  ['DER', RSA_KEY.publicKey.export({ type: 'spki', format: 'der' })],
  ['PKCS1', RSA_KEY.publicKey.export({ type: 'pkcs1', format: 'pem' })],
  ['JWK', JSON.stringify(RSA_KEY.jwk)],
  ['modulus', String(RSA_KEY.jwk['n'])],
  ['modulus bytes', Buffer.from(String(RSA_KEY.jwk['n']), 'base64url')],
  ['nothing', ''],
]
const HMAC: Vector[] = (['256', '384', '512'] as const).flatMap((bits) =>
  SHARED_SECRETS.map(([name, secret]) => {
    const input = `${headerOf({ alg: `HS${bits}` })}.${PAYLOAD}`
    const mac = createHmac(`sha${bits}`, secret).update(input).digest('base64url')
    return [`HS${bits} with the public key as secret: ${name}`, `${input}.${mac}`] as const
  }),
)

const SWAPS: Vector[] = [
  'RS384',
  'RS512',
  'PS256',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'rs256',
  'RS256 ',
  'A128KW',
].map((alg) => [`alg ${alg} over an RS256 signature`, createToken({}, { alg })])

const FOREIGN_KEYS: Vector[] = [
  ['another key under our id', createToken({}, {}, ATTACKER)],
  ['another key of the other kind under our id', createToken({}, {}, createKey(RSA_KEY.kid))],
  ['our other key under this id', createToken({}, { kid: RSA_KEY.kid }, EC_KEY)],
  ['an embedded jwk', createToken({}, { jwk: ATTACKER.jwk }, ATTACKER)],
  ['an embedded jwk, ours', createToken({}, { jwk: RSA_KEY.jwk })],
  ['jku', createToken({}, { jku: 'https://evil.example/jwks.json' }, ATTACKER)],
  ['jku over a good signature', createToken({}, { jku: 'https://evil.example/jwks.json' })],
  ['x5u', createToken({}, { x5u: 'https://evil.example/x.pem' })],
  ['x5c', createToken({}, { x5c: ['MIIB'] })],
]

const HEADERS: Vector[] = [
  ['crit of an unknown name', createToken({}, { crit: ['exp'], exp: 1 })],
  ['crit empty', createToken({}, { crit: [] })],
  ['b64: false', createToken({}, { b64: false, crit: ['b64'] })],
  ['b64: true', createToken({}, { b64: true })],
  ['zip', createToken({}, { zip: 'DEF' })],
  ['cty', createToken({}, { cty: 'JWT' })],
  ['enc', createToken({}, { enc: 'A128GCM' })],
  ['typ of another kind', createToken({}, { typ: 'id_token' })],
  ['typ that is no text', createToken({}, { typ: 7 })],
  ['kid missing', createToken({}, { kid: undefined })],
  ...[
    null,
    7,
    '',
    [],
    {},
    ['rsa-1'],
    true,
    '__proto__',
    'constructor',
    '../../../dev/null',
    "x' UNION SELECT 'k",
    'RSA-1',
    'rsa-1 ',
    'rsa-1\0',
  ].map((kid): Vector => [`kid ${JSON.stringify(kid)}`, createToken({}, { kid })]),
  ['alg twice', signText('{"alg":"none","alg":"RS256","kid":"rsa-1"}', PAYLOAD_TEXT)],
  ['kid twice', signText('{"kid":"x","alg":"RS256","kid":"rsa-1"}', PAYLOAD_TEXT)],
  ['kid twice, once escaped', signText('{"k\\u0069d":"x","alg":"RS256","kid":"rsa-1"}', PAYLOAD_TEXT)],
  ['header is a list', signText('[]', PAYLOAD_TEXT)],
  ['header is null', signText('null', PAYLOAD_TEXT)],
  ['header is not JSON', signText('{alg:RS256}', PAYLOAD_TEXT)],
  ['header with a byte order mark', signText(`\uFEFF${HEADER_TEXT}`, PAYLOAD_TEXT)],
  ['alg only in the prototype', signText('{"__proto__":{"alg":"RS256"},"kid":"rsa-1"}', PAYLOAD_TEXT)],
]

const TIMES: Vector[] = [
  ['expired', createToken({ exp: NOW_SECONDS - 31 })],
  ['expired exactly by the tolerance', createToken({ exp: NOW_SECONDS - 30 })],
  ['exp missing', createToken({ exp: undefined })],
  ['exp a text', createToken({ exp: String(NOW_SECONDS + 600) })],
  ['exp null', createToken({ exp: null })],
  ['exp with a fraction', createToken({ exp: NOW_SECONDS + 600.5 })],
  ['exp in milliseconds', createToken({ exp: (NOW_SECONDS + 600) * 1000 })],
  ['exp infinite', signText(HEADER_TEXT, PAYLOAD_TEXT.replace(String(GOOD_CLAIMS.exp), '1e400'))],
  ['exp negative', createToken({ exp: -1 })],
  ['exp an object', createToken({ exp: { valueOf: 9e9 } })],
  ['iat missing', createToken({ iat: undefined })],
  ['iat a text', createToken({ iat: 'now' })],
  ['iat ahead', createToken({ iat: NOW_SECONDS + 61, exp: NOW_SECONDS + 600 })],
  ['life over a day', createToken({ exp: GOOD_CLAIMS.iat + 86_401 })],
  ['nbf ahead', createToken({ nbf: NOW_SECONDS + 31 })],
  ['nbf a text', createToken({ nbf: '0' })],
]

const CLAIMS: Vector[] = [
  ...[
    'https://issuer.example',
    'https://ISSUER.example/',
    'https://issuer.example//',
    `${ISSUER}x`,
    ` ${ISSUER}`,
    '',
    null,
    7,
    [ISSUER],
    undefined,
  ].map((iss): Vector => [`iss ${JSON.stringify(iss)}`, createToken({ iss })]),
  ...[
    'other',
    'gatehous',
    'gatehouse2',
    'GATEHOUSE',
    '',
    null,
    7,
    [],
    ['other'],
    ['gatehouse', 7],
    { 0: 'gatehouse' },
    undefined,
  ].map((aud): Vector => [`aud ${JSON.stringify(aud)}`, createToken({ aud })]),
  ...['', null, 7, {}, ['u-1'], 'u-1\n', 'u\0', 'a'.repeat(257), '\ud800', undefined].map((sub): Vector => [
    JSON.stringify({ sub }).slice(0, 30),
    createToken({ sub }),
  ]),
  ...[7, '', {}, ['acme'], 'acme\r\nx: y'].map((tenant): Vector => [
    `tenant ${JSON.stringify(tenant)}`,
    createToken({ tenant }),
  ]),
  ...[7, true, {}, [7], ['a b'], [['a']], 'a\tb', ['a', null]].map((scope): Vector => [
    `scope ${JSON.stringify(scope)}`,
    createToken({ scope }),
  ]),
  ...[7, {}, [7], ['a\tb']].map((roles): Vector => [
    `roles ${JSON.stringify(roles)}`,
    createToken({ roles }),
  ]),
  ['sub twice', signText(HEADER_TEXT, PAYLOAD_TEXT.replace('{', '{"sub":"admin",'))],
  ['sub twice, once escaped', signText(HEADER_TEXT, PAYLOAD_TEXT.replace('{', '{"s\\u0075b":"admin",'))],
  [
    'a name twice in an inner object',
    signText(HEADER_TEXT, PAYLOAD_TEXT.replace('{', '{"a":[{"b":1,"b":2}],')),
  ],
  [
    'sub only in the prototype',
    signText(
      HEADER_TEXT,
      JSON.stringify({ ...GOOD_CLAIMS, sub: undefined }).replace('{', '{"__proto__":{"sub":"admin"},'),
    ),
  ],
]

const last = (text: string, replacement: (char: string) => string) =>
  text.slice(0, -1) + replacement(text.slice(-1))
/** Changes bits of the last character that do not belong to any byte. */
const respelled = (part: string) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return last(part, (char) => alphabet[alphabet.indexOf(char) ^ 1] ?? '')
}

const FORMS: Vector[] = [
  ['padding', `${GOOD}==`],
  ['padding in the header', `${HEADER}=.${PAYLOAD}.${SIGNATURE}`],
  ['a space inside the signature', `${HEADER}.${PAYLOAD}.${SIGNATURE.slice(0, 5)} ${SIGNATURE.slice(5)}`],
  ['a tab inside the signature', `${HEADER}.${PAYLOAD}.${SIGNATURE.slice(0, 5)}\t${SIGNATURE.slice(5)}`],
  ['a line break at the end', `${GOOD}\n`],
  ['a space at the end', `${GOOD} `],
  ['a signature in another spelling', `${HEADER}.${PAYLOAD}.${respelled(SIGNATURE)}`],
  ['the alphabet of base64', `${HEADER}.${PAYLOAD}.${SIGNATURE.slice(0, -4)}+/AA`],
  ['a quoted token', `"${GOOD}"`],
  ['no signature', `${HEADER}.${PAYLOAD}.`],
  ['two parts', `${HEADER}.${PAYLOAD}`],
  ['one part', HEADER],
  ['four parts', `${GOOD}.${SIGNATURE}`],
  ['five parts, as a JWE', `${headerOf({ alg: 'dir', enc: 'A128GCM' })}..AAAA.AAAA.AAAA`],
  ['no header', `.${PAYLOAD}.${SIGNATURE}`],
  ['no payload', `${HEADER}..${SIGNATURE}`],
  [
    'JSON serialization',
    encode(JSON.stringify({ payload: PAYLOAD, protected: HEADER, signature: SIGNATURE })),
  ],
  ['a changed signature', `${HEADER}.${PAYLOAD}.${encode(Buffer.alloc(256, 7))}`],
  ['a short signature', `${HEADER}.${PAYLOAD}.${SIGNATURE.slice(0, -4)}`],
  ['a changed payload', `${HEADER}.${encode(JSON.stringify({ ...GOOD_CLAIMS, sub: 'admin' }))}.${SIGNATURE}`],
  ['a zero ES256 signature', createToken({}, {}, EC_KEY).replace(/[^.]+$/, encode(Buffer.alloc(64)))],
  ['a payload that is a list', signText(HEADER_TEXT, '[]')],
  ['a payload that is null', signText(HEADER_TEXT, 'null')],
  ['a payload that is not JSON', signText(HEADER_TEXT, PAYLOAD_TEXT.slice(1))],
  ['a payload with a byte order mark', signText(HEADER_TEXT, `\uFEFF${PAYLOAD_TEXT}`)],
  [
    'a payload that is not UTF-8',
    signText(HEADER_TEXT, Buffer.from(PAYLOAD_TEXT.replace('u-1', 'u-\xff'), 'latin1')),
  ],
  ['a token over 8 kB', createToken({ filler: 'a'.repeat(8_000) })],
  ['a megabyte', 'a'.repeat(1_000_000)],
  ['a thousand dots', '.'.repeat(1_000)],
  ['brackets', signText(HEADER_TEXT, `{"a":${'['.repeat(2_000)}`)],
]

describe('tokens that are refused', () => {
  const world = createWorld()

  it.each([...NONE, ...HMAC, ...SWAPS, ...FOREIGN_KEYS, ...HEADERS, ...TIMES, ...CLAIMS, ...FORMS])(
    '%s',
    async (_name, token) => {
      const refusal = await refusalOf(world.identifyToken(token))

      expect(refusal.code).toBe('UNAUTHENTICATED')
      expect(refusal.headers).toEqual({
        'www-authenticate': 'Bearer realm="gatehouse", error="invalid_token"',
      })
      expect(refusal.message).toBe('The access token is not valid.')
    },
  )

  it.each<readonly [string, string]>([
    ['empty', ''],
    ['Basic', 'Basic dTpw'],
    ['a token without scheme', GOOD],
    ['Token', `Token ${GOOD}`],
    ['Bearer alone', 'Bearer'],
    ['Bearer and a space', 'Bearer '],
    ['Bearer glued to the token', `Bearer${GOOD}`],
    ['Bearer and a tab', `Bearer\t${GOOD}`],
    ['two headers', `Bearer ${GOOD}, Bearer ${GOOD}`],
    ['two tokens', `Bearer ${GOOD} ${GOOD}`],
    ['a megabyte of spaces', `Bearer ${' '.repeat(1_000_000)}`],
  ])('an Authorization header that is %s', async (_name, authorization) => {
    const refusal = await refusalOf(world.identify({ authorization }))

    expect(refusal.code).toBe('UNAUTHENTICATED')
    expect(refusal.headers?.['www-authenticate']).toMatch(/^Bearer realm="gatehouse"/)
  })

  it('any, when no issuer is trusted', async () => {
    const refusal = await refusalOf(createWorld({ issuers: [] }).identifyToken(GOOD))

    expect(refusal.code).toBe('UNAUTHENTICATED')
  })

  it('of an algorithm that this issuer does not use', async () => {
    const issuers = [{ issuer: ISSUER, jwks: { keys: [RSA_KEY.jwk, EC_KEY.jwk] }, algorithms: ['ES256'] }]

    const refusal = await refusalOf(createWorld({ issuers }).identifyToken(GOOD))

    expect(refusal.code).toBe('UNAUTHENTICATED')
  })

  it('of an issuer that signs with the key of another one', async () => {
    const other = 'https://other.example/'
    const issuers = [
      { issuer: ISSUER, jwks: { keys: [RSA_KEY.jwk] } },
      { issuer: other, jwks: { keys: [createKey('rsa-2', 'RS256').jwk] } },
    ]

    const refusal = await refusalOf(createWorld({ issuers }).identifyToken(createToken({ iss: other })))

    expect(refusal.code).toBe('UNAUTHENTICATED')
  })
})

describe('key sets', () => {
  const weak = createKey('rsa-1', 'RS256', 1024)
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })

  it.each<readonly [string, object[], string]>([
    ['an RSA key of 1024 bit', [weak.jwk], createToken({}, {}, weak)],
    ['two keys of one id', [RSA_KEY.jwk, { ...EC_KEY.jwk, kid: RSA_KEY.kid }], GOOD],
    ['the same key twice', [RSA_KEY.jwk, RSA_KEY.jwk], GOOD],
    ['a key for encryption', [{ ...RSA_KEY.jwk, use: 'enc' }], GOOD],
    ['a key whose operations are others', [{ ...RSA_KEY.jwk, key_ops: ['encrypt'] }], GOOD],
    ['a key for another algorithm', [{ ...RSA_KEY.jwk, alg: 'PS256' }], GOOD],
    ['a private key', [{ ...RSA_KEY.privateKey.export({ format: 'jwk' }), kid: RSA_KEY.kid }], GOOD],
    ['an exponent of 3', [{ ...RSA_KEY.jwk, e: 'Aw' }], GOOD],
    ['a shared secret', [{ kty: 'oct', k: encode('secret'), kid: RSA_KEY.kid }], GOOD],
    ['another curve', [{ ...p384, kid: EC_KEY.kid }], createToken({}, {}, EC_KEY)],
    ['a point off the curve', [{ ...EC_KEY.jwk, x: EC_KEY.jwk['y'] }], createToken({}, {}, EC_KEY)],
    ['nothing', [], GOOD],
  ])('that hold %s admit no token', async (_name, keys, token) => {
    const world = createWorld({ issuers: [{ issuer: ISSUER, jwks: { keys } }] })

    const refusal = await refusalOf(world.identifyToken(token))

    expect(refusal.code).toBe('UNAUTHENTICATED')
  })
})
