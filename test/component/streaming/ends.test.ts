/** What ends a subscription that is well: its client, a new generation, the end of the instance; and how many there are. */
import { describe, expect, it } from '@jest/globals'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import { openStream } from '../../support/read-stream.js'
import { createStreamWorld, emma, endWorldsAfterEach, type StreamWorld } from './world.js'

endWorldsAfterEach()

const CHANGED = { query: 'subscription { bookChanged { id title stars } }' }
const said = (code: string) => ({ errors: [{ message: expect.any(String), extensions: { code } }] })

const metric = async ({ gateway }: StreamWorld, name: string): Promise<number> => {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

describe('a client that leaves', () => {
  it('takes the request to the subgraph with it, and what was fetched for an event', async () => {
    const world = await createStreamWorld()
    const { gateway, books, reviews } = world
    const client = await openStream(gateway.url, CHANGED)
    const source = await books.opened(0)
    expect(await metric(world, 'gateway_subscriptions_open')).toBe(1)
    const held = new Promise<unknown>((resolve) => {
      reviews.behave = (response) => void response.on('close', resolve)
    })
    source.next(emma())
    await eventually(
      () => reviews.seen.length,
      (seen) => seen === 1,
    )
    client.leave()
    await Promise.all([source.closed, held])
    expect(await metric(world, 'gateway_subscriptions_open')).toBe(0)
    expect(await metric(world, 'gateway_subscriptions_ended_total{end="stopped"}')).toBe(1)
  })
})

describe('a new generation', () => {
  it('ends the subscriptions of the one before, which is closed; new ones run on the new', async () => {
    const world = await createStreamWorld(
      { authorization: { rules: 'rules.mjs', watchRules: false } },
      { 'rules.mjs': 'export default {}' },
    )
    const { gateway, books, reviews } = world
    const client = await openStream(gateway.url, CHANGED)
    const source = await books.opened(0)
    // One event is on its way while the generations change.
    const held = new Promise<unknown>((resolve) => {
      reviews.behave = (response) => void response.on('close', resolve)
    })
    source.next(emma())
    await eventually(
      () => reviews.seen.length,
      (seen) => seen === 1,
    )
    writeFileSync(join(gateway.folder, 'new.mjs'), 'export default { Query: {} }')
    renameSync(join(gateway.folder, 'new.mjs'), join(gateway.folder, 'rules.mjs'))
    expect((await fetch(`${gateway.adminUrl}/reload`, { method: 'POST' })).status).toBe(200)
    expect(await client.next()).toEqual(said('SUBSCRIPTION_SCHEMA_RELOAD'))
    expect(await client.next()).toBe('complete')
    await Promise.all([source.closed, held])
    const again = await openStream(gateway.url, { query: 'subscription { bookChanged { id title } }' })
    ;(await books.opened(1)).next(emma('Persuasion'))
    expect(await again.next()).toMatchObject({ data: { bookChanged: { title: 'Persuasion' } } })
  })
})

describe('changed rules', () => {
  it('act at once on all subscriptions, though not all are told at once', async () => {
    const { gateway, books } = await createStreamWorld(
      {
        authorization: { rules: 'rules.mjs', watchRules: false },
        subscriptions: { reloadSpreadMs: 60_000 },
      },
      { 'rules.mjs': 'export default {}' },
    )
    const [first, second] = [await openStream(gateway.url, CHANGED), await openStream(gateway.url, CHANGED)]
    const sources = [await books.opened(0), await books.opened(1)]
    writeFileSync(join(gateway.folder, 'new.mjs'), 'export default { Query: {} }')
    renameSync(join(gateway.folder, 'new.mjs'), join(gateway.folder, 'rules.mjs'))
    expect((await fetch(`${gateway.adminUrl}/reload`, { method: 'POST' })).status).toBe(200)
    expect(await first.next()).toEqual(said('SUBSCRIPTION_SCHEMA_RELOAD'))
    // No event can come any more, to neither of them.
    await Promise.all(sources.map(({ closed }) => closed))
    const stopped = gateway.stop()
    expect(await second.next()).toEqual(said('SHUTTING_DOWN'))
    await stopped
  })
})

describe('an instance that stops', () => {
  it('says so to its subscribers and does not wait for them', async () => {
    const { gateway, books } = await createStreamWorld({ server: { drainTimeoutMs: 60_000 } })
    const client = await openStream(gateway.url, CHANGED)
    const source = await books.opened(0)
    const stopped = gateway.stop()
    expect(await client.next()).toEqual(said('SHUTTING_DOWN'))
    expect(await client.next()).toBe('complete')
    await Promise.all([source.closed, stopped])
  })
})

describe('the number of subscriptions', () => {
  it('is bounded for a caller, by a refusal before anything is opened', async () => {
    const { gateway, books } = await createStreamWorld({ subscriptions: { maxOpenPerCaller: 1 } })
    const client = await openStream(gateway.url, CHANGED)
    const source = await books.opened(0)
    const refused = await askGraphql(gateway.url, CHANGED.query, { headers: { accept: 'text/event-stream' } })
    expect([refused.status, refused.errors[0]?.extensions.code]).toEqual([429, 'SUBSCRIPTION_MAX_LIMIT'])
    expect(refused.header('retry-after')).toBe('10')
    expect(books.streams).toHaveLength(1)
    client.leave()
    await source.closed
    await openStream(gateway.url, CHANGED)
    await books.opened(1)
  })

  it('takes nothing from the requests that may be in flight', async () => {
    const { gateway, books } = await createStreamWorld({ server: { limits: { concurrentRequests: 1 } } })
    for (let index = 0; index < 3; index += 1) {
      await openStream(gateway.url, CHANGED)
      await books.opened(index)
    }
    expect((await askGraphql(gateway.url, '{ book(id: 1) { title } }')).data).toEqual({
      book: { title: 'Emma' },
    })
  })
})
