import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { toIdentityHeaders } from '../../../src/contract/identity-headers.js'
import { signIdentity } from '../../../src/contract/identity-signature.js'
import { IN_MEMORY } from '../../../subgraphs/kit/embedded-database.js'
import type { RunningSubgraph } from '../../../subgraphs/kit/subgraph-options.js'
import { startUserSubgraph } from '../../../subgraphs/user/server.js'
import { ask, caller, codes, SECRET, send } from './ask.js'

describe('the entrance of a subgraph', () => {
  let user: RunningSubgraph
  const log: { readonly [key: string]: unknown }[] = []
  const body = JSON.stringify({ query: '{ me { id } }' })
  const headers = toIdentityHeaders(caller('u-1'))
  const now = (): number => Date.now() / 1000

  beforeAll(async () => {
    const lines = { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) }
    user = await startUserSubgraph({
      port: 0,
      secret: SECRET,
      dataDir: IN_MEMORY,
      logger: pino({ level: 'info' }, lines),
    })
  })
  afterAll(() => user.close())

  it('believes what the gateway signed', async () => {
    const answer = await send(user.url, { ...headers, ...signIdentity(headers, body, SECRET, now()) }, body)
    expect(answer).toMatchObject({ status: 200, data: { me: { id: 'u-1' } } })
  })

  it.each([
    ['no signature', () => headers],
    ['another secret', () => ({ ...headers, ...signIdentity(headers, body, 'another', now()) })],
    ['another body', () => ({ ...headers, ...signIdentity(headers, '{}', SECRET, now()) })],
    ['an old signature', () => ({ ...headers, ...signIdentity(headers, body, SECRET, now() - 3600) })],
    [
      'another user',
      () => ({ ...headers, ...signIdentity(headers, body, SECRET, now()), 'x-user-id': 'u-2' }),
    ],
    [
      'one more scope',
      () => ({ ...headers, ...signIdentity(headers, body, SECRET, now()), 'x-user-scopes': 'admin' }),
    ],
  ])('refuses %s', async (_case, makeHeaders) => {
    const answer = await send(user.url, makeHeaders(), body)
    expect([answer.status, codes(answer), answer.data]).toEqual([401, ['UNAUTHENTICATED'], null])
  })

  it('tells anybody its schema and nothing else', async () => {
    const schema = await send(user.url, {}, JSON.stringify({ query: '{ _service { sdl } }' }))
    expect(schema.status).toBe(200)
    expect((schema.data as { _service: { sdl: string } })._service.sdl).toContain('type User')
    const both = await send(
      user.url,
      {},
      JSON.stringify({ query: '{ _service { sdl } users { totalCount } }' }),
    )
    expect([both.status, codes(both)]).toEqual([401, ['UNAUTHENTICATED']])
  })

  it('logs what arrived, for whom and under which request id', async () => {
    await ask(user.url, caller('u-3'), '{ me { name } user(id: "u-4") { id } }')
    expect(log.at(-1)).toMatchObject({
      service: 'user',
      requestId: 'test-request',
      userId: 'u-3',
      tenantId: 'acme',
      fields: ['me', 'user'],
    })
  })

  it('answers health checks', async () => {
    const response = await fetch(new URL('/health', user.url))
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok', service: 'user' }])
  })

  it('lists customers to administrators only, page by page', async () => {
    const query = `query ($after: String) { users(first: 100, after: $after) {
      totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }`
    expect(codes(await ask(user.url, caller('u-1'), query))).toEqual(['FORBIDDEN'])
    const ids: string[] = []
    let after: string | null = null
    do {
      const answer = await ask(user.url, caller('u-1', { scopes: ['admin'] }), query, { after })
      const { users } = answer.data as {
        users: {
          totalCount: number
          nodes: { id: string }[]
          pageInfo: { hasNextPage: boolean; endCursor: string }
        }
      }
      expect(users.totalCount).toBe(240)
      ids.push(...users.nodes.map((node) => node.id))
      after = users.pageInfo.hasNextPage ? users.pageInfo.endCursor : null
    } while (after !== null)
    expect(ids).toEqual(Array.from({ length: 240 }, (_, index) => `u-${index + 1}`))
  })

  it('marks own notifications as read, and nobody else’s', async () => {
    const unread = '{ me { unreadNotifications notifications(unreadOnly: true) { nodes { id } } } }'
    const mark = 'mutation ($ids: [ID!]!) { markNotificationsRead(ids: $ids) }'
    const before = await ask(user.url, caller('u-1'), unread)
    const { me } = before.data as {
      me: { unreadNotifications: number; notifications: { nodes: { id: string }[] } }
    }
    expect(me.unreadNotifications).toBe(3)
    const ids = me.notifications.nodes.map((node) => node.id)
    expect((await ask(user.url, caller('u-2'), mark, { ids })).data).toEqual({ markNotificationsRead: 0 })
    expect((await ask(user.url, caller('u-1'), mark, { ids })).data).toEqual({ markNotificationsRead: 3 })
    expect((await ask(user.url, caller('u-1'), mark, { ids })).data).toEqual({ markNotificationsRead: 0 })
  })

  it('changes a profile, and the avatar with it', async () => {
    const update = `mutation ($input: UpdateProfileInput!) {
      updateProfile(input: $input) { name email avatarUrl(size: 32) } }`
    const changed = await ask(user.url, caller('u-5'), update, {
      input: { firstName: ' Zoë ', lastName: 'Ito' },
    })
    const { updateProfile } = changed.data as { updateProfile: { name: string; avatarUrl: string } }
    expect(updateProfile.name).toBe('Zoë Ito')
    const avatar = await fetch(updateProfile.avatarUrl)
    expect(avatar.headers.get('content-type')).toContain('image/svg+xml')
    expect(await avatar.text()).toContain('>ZI</text>')
    for (const input of [{}, { firstName: '  ' }, { email: 'nobody' }]) {
      expect(codes(await ask(user.url, caller('u-5'), update, { input }))).toEqual(['BAD_USER_INPUT'])
    }
  })

  it.each([
    ['a page too large', '{ me { notifications(first: 101) { totalCount } } }'],
    ['a negative page', '{ me { notifications(first: -1) { totalCount } } }'],
    ['a cursor of another list', '{ me { notifications(after: "WyJ1c2VycyIsMV0") { nodes { id } } } }'],
    ['a cursor that is none', '{ me { notifications(after: "x") { nodes { id } } } }'],
    [
      'a position out of range',
      '{ me { notifications(after: "WyJub3RpZmljYXRpb25zIiw5OTk5OTk5OTk5OTldCg") { nodes { id } } } }',
    ],
    ['an avatar too large', '{ me { avatarUrl(size: 9999) } }'],
  ])('refuses %s', async (_case, query) => {
    expect(codes(await ask(user.url, caller('u-1'), query))).toEqual(['BAD_USER_INPUT'])
  })

  it('gives a signed-in caller who is unknown here no profile', async () => {
    expect((await ask(user.url, caller('u-9999'), '{ me { id } }')).data).toEqual({ me: null })
  })
})
