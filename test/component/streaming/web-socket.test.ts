import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { startProcess } from '../../support/process.js'
import { ROOT } from '../../support/shop.js'
import { createSignedIn } from '../../support/signed-in.js'
import { closeSockets, openSocketClient, type SocketClient } from '../../support/socket-client.js'
import { createStreamWorld, emma, endWorldsAfterEach, type StreamWorld } from './world.js'

endWorldsAfterEach()
afterEach(closeSockets)

const CHANGED = 'subscription Changed($id: ID) { bookChanged(id: $id) { id title stars } }'
const signedIn = createSignedIn()
const SIGNED_IN = { identity: { issuers: [signedIn.issuer] } }

async function signIn({ gateway }: StreamWorld, claims: object = {}): Promise<SocketClient> {
  const client = await openSocketClient(gateway.url)
  await client.init({ Authorization: `Bearer ${signedIn.createToken(claims)}` })
  return client
}

describe('a subscription over a WebSocket', () => {
  it('answers each event with what other subgraphs know of it, until it is complete', async () => {
    const world = await createStreamWorld()
    const client = await openSocketClient(world.gateway.url)
    await client.init()
    client.subscribe('1', CHANGED, { variables: { id: '1' } })
    const source = await world.books.opened(0)

    source.next(emma())
    source.next(emma('Persuasion'))
    source.complete()

    const expected = (title: string) => ({ data: { bookChanged: { id: '1', title, stars: 5 } } })
    expect(await client.outcome('1')).toEqual([
      { id: '1', type: 'next', payload: expected('Emma') },
      { id: '1', type: 'next', payload: expected('Persuasion') },
      { id: '1', type: 'complete' },
    ])
  })

  it('lets go of the subgraph when the client says complete, and when it leaves', async () => {
    const world = await createStreamWorld()
    const client = await openSocketClient(world.gateway.url)
    await client.init()
    client.subscribe('1', CHANGED)
    const first = await world.books.opened(0)
    client.subscribe('2', CHANGED)
    const second = await world.books.opened(1)

    client.send({ type: 'complete', id: '1' })
    await first.closed
    client.socket.terminate()
    await second.closed
  })

  it('is judged like every operation: a refused field is never asked for, a refused root reaches nobody', async () => {
    const world = await createStreamWorld(SIGNED_IN)
    const client = await signIn(world)
    client.subscribe('1', 'subscription { bookChanged { id title secret } }')
    const source = await world.books.opened(0)
    source.next({ data: { bookChanged: { id: '1', title: 'Emma' } } })
    expect((await client.next()).payload).toMatchObject({
      data: { bookChanged: { id: '1', title: 'Emma', secret: null } },
      errors: [{ path: ['bookChanged', 'secret'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }],
    })
    expect(source.request.body).not.toContain('secret')
    expect(source.request.headers['x-user-id']).toBe('u-1')

    client.subscribe('2', 'subscription { guarded { id } }')
    const [refused] = await client.outcome('2')
    expect(JSON.stringify(refused?.payload)).toContain('UNAUTHORIZED_FIELD_OR_TYPE')
    expect(world.books.streams).toHaveLength(1)
  })

  it('keeps callers apart: another one on the same connection to a subgraph has his own identity', async () => {
    const world = await createStreamWorld(SIGNED_IN)
    const [one, other] = [await signIn(world, { sub: 'u-1' }), await signIn(world, { sub: 'u-2' })]
    one.subscribe('1', CHANGED)
    const first = await world.books.opened(0)
    other.subscribe('1', CHANGED)
    const second = await world.books.opened(1)
    expect([first, second].map(({ request }) => request.headers['x-user-id'])).toEqual(['u-1', 'u-2'])

    first.next(emma('for one'))
    second.next(emma('for the other'))

    expect((await one.next()).payload.data.bookChanged.title).toBe('for one')
    expect((await other.next()).payload.data.bookChanged.title).toBe('for the other')
  })

  it('is closed with 4403 when the token expires while nothing happens', async () => {
    const now = Math.floor(Date.now() / 1_000)
    const world = await createStreamWorld({ identity: { ...SIGNED_IN.identity, clockToleranceSeconds: 0 } })
    const client = await signIn(world, { iat: now - 10, exp: now + 4 })
    client.subscribe('1', CHANGED)
    const source = await world.books.opened(0)

    expect(await client.closed).toEqual({ code: 4403, reason: 'Forbidden' })
    await source.closed
  })

  it('stays open for as long as HTTP accepts the token, over its exp by the clock tolerance', async () => {
    const world = await createStreamWorld({
      ...SIGNED_IN,
      server: { webSocket: { identityCheckMs: 10 } },
    })
    const now = Math.floor(Date.now() / 1_000)
    const client = await signIn(world, { iat: now - 100, exp: now - 5 })
    client.subscribe('1', CHANGED)
    const source = await world.books.opened(0)

    source.next(emma())

    expect((await client.next()).payload).toEqual({
      data: { bookChanged: { id: '1', title: 'Emma', stars: 5 } },
    })
    client.send({ type: 'ping' })
    expect((await client.next()).type).toBe('pong')
  })

  it('is closed with 4403 when the token is revoked while nothing happens', async () => {
    const world = await createStreamWorld(
      {
        identity: { ...SIGNED_IN.identity, revocations: { file: 'revoked.txt', refreshSeconds: 0.05 } },
        server: { webSocket: { identityCheckMs: 50 } },
      },
      { 'revoked.txt': '# nobody yet\n' },
    )
    const [stolen, other] = [await signIn(world, { jti: 'stolen' }), await signIn(world)]
    stolen.subscribe('1', CHANGED)
    const source = await world.books.opened(0)

    writeFileSync(join(world.gateway.folder, 'new.txt'), 'jti:stolen\n')
    renameSync(join(world.gateway.folder, 'new.txt'), join(world.gateway.folder, 'revoked.txt'))

    expect(await stolen.closed).toMatchObject({ code: 4403 })
    await source.closed
    other.send({ type: 'ping' })
    expect((await other.next()).type).toBe('pong')
  })

  it('ends with SHUTTING_DOWN and 1001 when the gateway stops', async () => {
    const world = await createStreamWorld()
    const client = await openSocketClient(world.gateway.url)
    await client.init()
    client.subscribe('1', CHANGED)
    const source = await world.books.opened(0)

    await world.gateway.stop()

    expect(await client.closed).toMatchObject({ code: 1001 })
    await source.closed
  })

  it('is bounded per socket, whoever opens how many', async () => {
    const world = await createStreamWorld({ server: { webSocket: { operationsPerSocket: 2 } } })
    const client = await openSocketClient(world.gateway.url)
    await client.init()
    for (const id of ['1', '2', '3']) client.subscribe(id, CHANGED)
    expect(await client.outcome('3')).toMatchObject([
      { type: 'error', payload: [{ extensions: { code: 'REQUEST_CONCURRENCY_LIMITED' } }] },
    ])
    await world.books.opened(1)
    expect(world.books.streams).toHaveLength(2)
  })
})

describe('the guide’s client for WebSockets', () => {
  it('prints what comes, as it stands there', async () => {
    const guide = readFileSync(join(ROOT, 'docs/guides/subscriptions.md'), 'utf8')
    const code = /^```js\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? ''
    const world = await createStreamWorld(SIGNED_IN)
    const client = startProcess(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: ROOT,
      env: { GATEWAY: `${world.gateway.url.replace('http', 'ws')}/graphql`, TOKEN: signedIn.createToken() },
    })
    const source = await world.books.opened(0)
    expect(source.request.headers['x-user-id']).toBe('u-1')

    source.next({ data: { bookChanged: { title: 'Emma' } } })
    source.next({ data: { bookChanged: { title: 'Persuasion' } } })

    await client.printed(/Emma\nPersuasion/)
    await client.stop()
    await source.closed
  })
})
