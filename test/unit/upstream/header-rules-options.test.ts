import { describe, expect, it } from '@jest/globals'
import { upstreamOptions } from '../../../src/upstream/options.js'

const request = (...rules: object[]) => ({ headers: { all: { request: rules } } })
const response = (...rules: object[]) => ({ headers: { all: { response: rules } } })

function faultsOf(options: object): string {
  const parsed = upstreamOptions.safeParse(options)
  return parsed.success ? '' : parsed.error.issues.map(({ message }) => message).join(' ')
}

describe('header rules', () => {
  it.each([
    [request({ propagate: 'Accept-Language', default: 'en' })],
    [request({ propagate: 'x-app-*' }, { remove: 'x-app-secret' })],
    [request({ propagate: 'x-locale' }, { rename: 'x-locale', to: 'accept-language' })],
    [request({ set: 'x-region', value: 'eu' })],
    [request({ propagate: 'Authorization' }, { propagate: 'X-API-Key' }, { propagate: 'cookie' })],
    [request({ set: 'authorization', value: 'Bearer of-the-gateway' })],
    [response({ propagate: 'Set-Cookie', merge: 'append' }, { propagate: 'x-served-by', merge: 'first' })],
    [
      {
        ...request({ propagate: 'x-a-1' }),
        subgraphs: { a: { headers: { request: [{ remove: 'x-a-1' }] } } },
      },
    ],
  ])('may be %j', (options) => {
    expect(faultsOf(options)).toBe('')
  })

  const IDENTITY = [
    ...['x-user-id', 'X-User-ID', 'x_user_id', 'X_User-Id', 'x-tenant-id', 'x-user-plan', 'X_USER_SCOPES'],
    ...['x-user-roles', 'x-user-email', 'x-request-id', 'X-Forwarded-For', 'x_forwarded_for', 'traceparent'],
    ...['x-gateway-signature', 'X-Gateway-Timestamp', 'x_gateway_anything', 'x-gateway-debug'],
  ]
  const HOPS = [
    ...[
      'Host',
      'content-length',
      'Content-Type',
      'content_type',
      'Content-Encoding',
      'connection',
      'keep-alive',
    ],
    ...[
      'Transfer-Encoding',
      'transfer_encoding',
      'te',
      'trailer',
      'upgrade',
      'proxy-authorization',
      'expect',
    ],
    ...['proxy-connection', 'accept-encoding', 'accept', 'http2-settings'],
  ]

  it.each([...IDENTITY, ...HOPS])('cannot let a client write %s', (name) => {
    const touch = 'no rule can touch it'
    expect(faultsOf(request({ propagate: name }))).toContain(touch)
    expect(faultsOf(request({ propagate: name, default: 'x' }))).toContain(touch)
    expect(faultsOf(request({ set: name, value: 'x' }))).toContain(touch)
    expect(faultsOf(request({ propagate: 'x-mine' }, { rename: 'x-mine', to: name }))).toContain(touch)
    expect(faultsOf({ subgraphs: { shop: { headers: { request: [{ propagate: name }] } } } })).toContain(
      touch,
    )
  })

  it.each([...IDENTITY, ...HOPS])('cannot let a subgraph say %s to a client', (name) => {
    expect(faultsOf(response({ propagate: name, merge: 'first' }))).toContain('no subgraph can say it')
  })

  it.each([
    ...['cache-control', 'Vary', 'ETag', 'www-authenticate', 'Access-Control-Allow-Origin', 'retry-after'],
    ...[
      'access_control_allow_origin',
      'content-security-policy',
      'X-RateLimit-Limit',
      'authorization',
      'date',
    ],
  ])('cannot let a subgraph say %s, which is the gateway’s own', (name) => {
    expect(faultsOf(response({ propagate: name, merge: 'last' }))).not.toBe('')
  })

  it.each([
    ...[
      'x-*',
      'x-user-*',
      'X-USER-*',
      'x_user_*',
      'x-u*',
      'x-tenant*',
      'x-gateway-*',
      'x_gateway_s*',
      'x-g*',
    ],
    ...['x-forwarded-*', 'x-req*', 'x-api-*', 'x-a*', 'a*', 'auth*', 'authorization*', 'cookie*', 'coo*'],
    ...['c*', 'content-*', 'content-lan*', 'host*', 'h*', 'trace*', 'transfer-*', 't*'],
  ])('cannot let through all of %s', (pattern) => {
    expect(faultsOf(request({ propagate: pattern }))).toContain('which no pattern may let through')
  })

  it.each(['*', '-*', '*-id', 'x-*-id', 'x-app-**', 'x-app-?', '.*', '__proto__', 'x app', 'x-app\r\n', 'ü'])(
    'cannot be written for %j',
    (name) => {
      expect(faultsOf(request({ propagate: name }))).toContain('neither a header name')
    },
  )

  it.each([
    [{ set: 'x-a', value: 'a\r\nx-user-id: u-1' }],
    [{ set: 'x-a', value: 'a\nb' }],
    [{ set: 'x-a', value: 'a\0' }],
    [{ set: 'x-a', value: '漢' }],
    [{ set: 'x-a', value: '' }],
    [{ set: 'x-a', value: 'x'.repeat(4_097) }],
    [{ propagate: 'x-a', default: 'a\r\nb' }],
  ])('cannot hold the value of %j', (rule) => {
    expect(faultsOf(request(rule))).not.toBe('')
  })

  it.each([
    [{}],
    [{ propagate: 'x-a', set: 'x-b', value: '1' }],
    [{ set: 'x-a' }],
    [{ value: '1' }],
    [{ propagate: 'x-a', value: '1' }],
    [{ rename: 'x-a' }],
    [{ remove: 'x-a', default: '1' }],
    [{ propagate: 'x-app-*', default: '1' }],
    [{ insert: 'x-a' }],
  ])('cannot be %j', (rule) => {
    expect(faultsOf(request(rule))).not.toBe('')
  })

  it('cannot rename or remove what no rule before has written', () => {
    expect(faultsOf(request({ rename: 'x-a-1', to: 'x-b-1' }))).toContain('written by no rule before')
    expect(faultsOf(request({ remove: 'x-user-id' }))).toContain('written by no rule before')
    expect(faultsOf(request({ remove: 'x-a-1' }, { propagate: 'x-a-1' }))).toContain(
      'written by no rule before',
    )
  })

  it('merge one response header in one way', () => {
    const shop = { headers: { response: [{ propagate: 'X-Served-By', merge: 'last' }] } }

    expect(
      faultsOf({ ...response({ propagate: 'x-served-by', merge: 'first' }), subgraphs: { shop } }),
    ).toContain('merged in two ways')
  })
})
