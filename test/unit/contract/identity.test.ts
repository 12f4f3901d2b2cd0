import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  fromIdentityHeaders,
  toIdentityHeaders,
  type PropagatedIdentity,
} from '../../../src/contract/identity-headers.js'
import {
  signIdentity,
  SIGNATURE_WINDOW_SECONDS,
  verifySignature,
} from '../../../src/contract/identity-signature.js'

const SECRET = 'a secret that both sides know'
const NOW = 1_800_000_000
const ada: PropagatedIdentity = {
  userId: 'u-1',
  tenantId: 'acme',
  plan: 'pro',
  scopes: ['order:read', 'order:write'],
  roles: ['buyer'],
  email: 'ada@example.com',
}

function signed(identity: PropagatedIdentity = ada, body = '{"query":"{ me { id } }"}') {
  const headers: Record<string, string | undefined> = { ...toIdentityHeaders(identity) }
  Object.assign(headers, signIdentity(headers, body, SECRET, NOW))
  const verify = (changes: Record<string, string | undefined> = {}, sent = body, now = NOW) => {
    const received = { ...headers, ...changes }
    return verifySignature((name) => received[name], sent, SECRET, now)
  }
  return { headers, verify }
}

describe('identity on its way to a subgraph', () => {
  it('comes back as it was sent, whatever the names are made of', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 }).map((value) => Buffer.from(value).toString())
    const item = fc.stringMatching(/^[!-+\--~]{1,20}$/)
    const identities = fc.record({
      userId: text,
      tenantId: text,
      plan: fc.constantFrom('free', 'pro'),
      scopes: fc.uniqueArray(item),
      roles: fc.uniqueArray(item),
      email: text,
    })
    fc.assert(
      fc.property(identities, (identity) => {
        const headers: Record<string, string | undefined> = toIdentityHeaders(identity)
        for (const value of Object.values(headers)) expect(value).toMatch(/^[\x21-\x7e]*$/)
        expect(fromIdentityHeaders((name) => headers[name])).toEqual(identity)
      }),
    )
  })

  it('leaves out a scope that would be read as two', () => {
    expect(toIdentityHeaders({ ...ada, scopes: ['a,admin', 'b'] })['x-user-scopes']).toBe('b')
  })

  it('is believed when nothing was changed', () => {
    expect(signed().verify()).toBeUndefined()
  })

  it('is signed as it was yesterday: subgraphs elsewhere verify the same bytes', () => {
    const { headers } = signed()
    const digest = createHash('sha256').update('{"query":"{ me { id } }"}').digest('hex')
    const identity = ['u-1', 'acme', 'pro', 'order:read,order:write', 'buyer', 'ada@example.com']
    const text = JSON.stringify(['v1', String(NOW), digest, identity])
    const code = createHmac('sha256', SECRET).update(text).digest('hex')
    expect(headers['x-gateway-signature']).toBe(`v1=${code}`)
  })

  it.each([
    ['another user', { 'x-user-id': 'u-2' }],
    ['another tenant', { 'x-tenant-id': 'globex' }],
    ['one more scope', { 'x-user-scopes': 'order:read,order:write,admin' }],
    ['a scope moved into the roles', { 'x-user-scopes': 'order:read', 'x-user-roles': 'order:write,buyer' }],
    ['no user', { 'x-user-id': undefined }],
    ['another time', { 'x-gateway-timestamp': String(NOW + 1) }],
    ['half a signature', { 'x-gateway-signature': 'v1=00' }],
    ['a time that is no number', { 'x-gateway-timestamp': '1e9' }],
  ])('is not believed with %s', (_, changes) => {
    expect(signed().verify(changes)).toBe('wrong')
  })

  it('is not believed before another body', () => {
    expect(signed().verify({}, '{"query":"mutation { x }"}')).toBe('wrong')
  })

  it.each(['x-gateway-timestamp', 'x-gateway-signature'])('is not believed without %s', (name) => {
    expect(signed().verify({ [name]: undefined })).toBe('missing')
  })

  it('cannot be replayed after the window, nor come from the future', () => {
    const { verify } = signed()
    expect(verify({}, undefined, NOW + SIGNATURE_WINDOW_SECONDS)).toBeUndefined()
    expect(verify({}, undefined, NOW + SIGNATURE_WINDOW_SECONDS + 1)).toBe('stale')
    expect(verify({}, undefined, NOW - SIGNATURE_WINDOW_SECONDS - 1)).toBe('stale')
  })
})
