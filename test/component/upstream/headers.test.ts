import { describe, expect, it } from '@jest/globals'
import { verifySignature } from '../../../src/contract/identity-signature.js'
import { honest } from './lying-subgraph.js'
import { closeWorldsAfterEach, createCall, createCaller, createWorld } from './upstream-world.js'

closeWorldsAfterEach()

const SECRET = 'a secret of the tests'

async function headersOf(options: object, caller = createCaller()): Promise<Record<string, unknown>> {
  const { upstream, subgraph } = await createWorld(honest, options)
  await upstream.call(createCall({ caller }))
  return { ...subgraph.requests[0]?.headers }
}

describe('the headers of a subgraph request', () => {
  it('say who asks, signed so that the subgraph can verify them', async () => {
    const { upstream, subgraph, clock } = await createWorld(honest, { signing: { secret: SECRET } })

    await upstream.call(createCall())

    const [request] = subgraph.requests
    const header = (name: string) => request?.headers[name] as string | undefined
    expect(request?.headers).toMatchObject({
      'x-user-id': 'u-1',
      'x-tenant-id': 'acme',
      'x-user-plan': 'pro',
      'x-user-scopes': 'order:read,user:email',
      'x-user-roles': 'buyer',
      'x-request-id': 'request-1',
      'x-forwarded-for': '203.0.113.9',
    })
    expect(verifySignature(header, request?.body ?? '', SECRET, clock.ms / 1000)).toBeUndefined()
    expect(verifySignature(header, '{"query":"{ other }"}', SECRET, clock.ms / 1000)).toBe('wrong')
  })

  it('are signed also for anonymous callers and odd names', async () => {
    const odd = {
      ...createCaller().principal,
      userId: 'Zoë 漢 100%\r\nx-user-roles: admin',
      scopes: new Set<string>(),
    }
    const { upstream, subgraph, clock } = await createWorld(honest, { signing: { secret: SECRET } })

    await upstream.call(createCall({ caller: createCaller({ principal: odd }) }))

    const [request] = subgraph.requests
    const header = (name: string) => request?.headers[name] as string | undefined
    expect(decodeURIComponent(header('x-user-id') ?? '')).toBe(odd.userId)
    expect(header('x-user-roles')).toBe('buyer')
    expect(verifySignature(header, request?.body ?? '', SECRET, clock.ms / 1000)).toBeUndefined()
  })

  it('cannot turn one scope into two', async () => {
    const principal = { ...createCaller().principal, scopes: new Set(['a,admin', 'b']), roles: ['x,admin'] }

    const headers = await headersOf({}, createCaller({ principal }))

    expect(headers['x-user-scopes']).toBe('b')
    expect(headers['x-user-roles']).toBe('')
  })

  it('are unsigned without a secret, and say nothing of the caller when told so', async () => {
    const plain = await headersOf({})
    const none = await headersOf({ identityHeaders: 'none' })

    expect(plain['x-user-id']).toBe('u-1')
    expect(plain['x-gateway-signature']).toBeUndefined()
    expect(Object.keys(none).filter((name) => /^x-(user|tenant|gateway)/.test(name))).toEqual([])
  })

  it('are these and no others: nothing of the client is copied', async () => {
    const headers = await headersOf({ signing: { secret: SECRET } })

    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'connection',
      'content-length',
      'content-type',
      'host',
      'traceparent',
      'x-forwarded-for',
      'x-gateway-signature',
      'x-gateway-timestamp',
      'x-request-id',
      'x-tenant-id',
      'x-user-id',
      'x-user-plan',
      'x-user-roles',
      'x-user-scopes',
    ])
  })

  it('continue the trace of the client', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const caller = createCaller({ client: { address: '::1', traceparent } })

    const headers = await headersOf({}, caller)

    expect(headers['traceparent']).toMatch(
      /^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/,
    )
  })
})
