/** Who may subscribe, and what becomes of it when he may no longer. */
import { createRequire } from 'node:module'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { openStream } from '../../support/read-stream.js'
import { createSignedIn } from '../../support/signed-in.js'
import { createStreamWorld, emma, endWorldsAfterEach } from './world.js'

endWorldsAfterEach()
afterEach(() => void jest.restoreAllMocks())

const signedIn = createSignedIn()
const identity = { issuers: [signedIn.issuer] }
const CHANGED = { query: 'subscription { bookChanged { id title } }' }
const GUARDED = { query: 'subscription { guarded { id } }' }
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const coded = (code: string) => ({
  errors: [expect.objectContaining({ extensions: expect.objectContaining({ code }) })],
})

describe('a caller without the scope of a subscription', () => {
  it('is refused before the subgraph hears of it, and one with it is let in', async () => {
    const { gateway, books } = await createStreamWorld({ identity })
    const refused = await openStream(gateway.url, GUARDED, bearer(signedIn.createToken()))
    expect(await refused.next()).toEqual({ ...coded('UNAUTHORIZED_FIELD_OR_TYPE'), data: { guarded: null } })
    expect(await refused.next()).toBe('complete')
    expect(books.seen).toEqual([])

    const client = await openStream(gateway.url, GUARDED, bearer(signedIn.createToken({ scope: 'guarded' })))
    const source = await books.opened(0)
    expect(source.request.headers).toMatchObject({ 'x-user-id': 'u-1', 'x-user-scopes': 'guarded' })
    source.next({ data: { guarded: { id: '1' } } })
    expect(await client.next()).toEqual({ data: { guarded: { id: '1' } } })
  })

  it('has fields below refused in each event, and asks no subgraph for them', async () => {
    const { gateway, books } = await createStreamWorld({ identity })
    const client = await openStream(gateway.url, { query: 'subscription { bookChanged { id secret } }' })
    const source = await books.opened(0)
    expect(source.request.body).not.toContain('secret')
    source.next({ data: { bookChanged: { id: '1', secret: 'told anyway' } } })
    expect(await client.next()).toEqual({
      errors: [expect.objectContaining({ path: ['bookChanged', 'secret'] })],
      data: { bookChanged: { id: '1', secret: null } },
    })
  })
})

describe('a credential that is void', () => {
  it('ends the subscription at the next event, which nobody sees', async () => {
    const { gateway, books } = await createStreamWorld({ identity })
    const client = await openStream(gateway.url, CHANGED, bearer(signedIn.createToken()))
    const source = await books.opened(0)
    source.next(emma())
    expect(await client.next()).toMatchObject({ data: { bookChanged: { title: 'Emma' } } })

    const later = Date.now() + 3_600_000
    jest.spyOn(Date, 'now').mockImplementation(() => later)
    source.next(emma('Persuasion'))
    expect(await client.next()).toEqual(coded('UNAUTHENTICATED'))
    expect(await client.next()).toBe('complete')
    await source.closed
  })

  it('ends a silent subscription too, as soon as it is named as revoked', async () => {
    const revocations = { file: 'revoked.txt', refreshSeconds: 0.05 }
    const { gateway, books } = await createStreamWorld(
      { identity: { ...identity, revocations }, subscriptions: { recheckSeconds: 0.05 } },
      { 'revoked.txt': '' },
    )
    const client = await openStream(gateway.url, CHANGED, bearer(signedIn.createToken({ jti: 'stolen' })))
    const other = await openStream(gateway.url, CHANGED, bearer(signedIn.createToken()))
    const [source, otherSource] = [await books.opened(0), await books.opened(1)]
    writeFileSync(join(gateway.folder, 'new.txt'), 'jti:stolen\n')
    renameSync(join(gateway.folder, 'new.txt'), join(gateway.folder, 'revoked.txt'))
    expect(await client.next()).toEqual(coded('UNAUTHENTICATED'))
    expect(await client.next()).toBe('complete')
    await source.closed
    otherSource.next(emma())
    expect(await other.next()).toMatchObject({ data: { bookChanged: { title: 'Emma' } } })
  })
})

const SHIELD = pathToFileURL(createRequire(import.meta.url).resolve('graphql-shield')).href
const rules = (tree: string) => ({
  'rules.mjs': `import { rule } from '${SHIELD}'
    const asked = (name) => rule(name, { cache: 'contextual' })(() => globalThis.gatehouseStreamRules[name])
    export default ${tree}`,
})
const now = globalThis as unknown as { gatehouseStreamRules: Record<string, boolean> }

describe('a rule', () => {
  const authorization = { rules: 'rules.mjs', watchRules: false }

  it('is asked before each event, and ends the subscription when it refuses', async () => {
    now.gatehouseStreamRules = { isOpen: true }
    const { gateway, books } = await createStreamWorld(
      { authorization },
      rules("{ Subscription: { bookChanged: asked('isOpen') } }"),
    )
    const client = await openStream(gateway.url, CHANGED)
    const source = await books.opened(0)
    source.next(emma())
    expect(await client.next()).toMatchObject({ data: { bookChanged: { title: 'Emma' } } })
    now.gatehouseStreamRules = { isOpen: false }
    source.next(emma('Persuasion'))
    expect(await client.next()).toEqual({ ...coded('UNAUTHORIZED_FIELD_OR_TYPE'), data: null })
    expect(await client.next()).toBe('complete')
    await source.closed
  })

  it('that refuses a field has it left out of the events from then on, and its subgraph is not asked', async () => {
    now.gatehouseStreamRules = { showsStars: true }
    const { gateway, books, reviews } = await createStreamWorld(
      { authorization },
      rules("{ Book: { stars: asked('showsStars') } }"),
    )
    const client = await openStream(gateway.url, { query: 'subscription { bookChanged { id stars } }' })
    const source = await books.opened(0)
    source.next(emma())
    expect(await client.next()).toEqual({ data: { bookChanged: { id: '1', stars: 5 } } })
    const asked = reviews.seen.length
    now.gatehouseStreamRules = { showsStars: false }
    source.next(emma())
    expect(await client.next()).toEqual({
      errors: [expect.objectContaining({ path: ['bookChanged', 'stars'] })],
      data: { bookChanged: { id: '1', stars: null } },
    })
    expect(reviews.seen).toHaveLength(asked)
    now.gatehouseStreamRules = { showsStars: true }
    source.next(emma())
    expect(await client.next()).toEqual({ data: { bookChanged: { id: '1', stars: 5 } } })
  })

  it('that refuses a field of the source keeps it from the answer, whatever the source goes on sending', async () => {
    now.gatehouseStreamRules = { showsTitle: true }
    const { gateway, books } = await createStreamWorld(
      { authorization },
      rules("{ Book: { title: asked('showsTitle') } }"),
    )
    const client = await openStream(gateway.url, CHANGED)
    const source = await books.opened(0)
    now.gatehouseStreamRules = { showsTitle: false }
    source.next({ data: { bookChanged: { id: '1', title: 'Emma' } } })
    const answer = await client.next()
    expect(answer).toEqual({
      ...coded('UNAUTHORIZED_FIELD_OR_TYPE'),
      data: null,
    })
    expect(JSON.stringify(answer)).not.toContain('Emma')
  })

  it('that allows what it refused at the opening ends the subscription, which is then made anew', async () => {
    now.gatehouseStreamRules = { showsTitle: false }
    const { gateway, books } = await createStreamWorld(
      { authorization },
      rules("{ Book: { title: asked('showsTitle') } }"),
    )
    const client = await openStream(gateway.url, CHANGED)
    const source = await books.opened(0)
    expect(source.request.body).not.toContain('title')
    now.gatehouseStreamRules = { showsTitle: true }
    source.next({ data: { bookChanged: { id: '1' } } })
    expect(await client.next()).toEqual(coded('SUBSCRIPTION_SCHEMA_RELOAD'))
    expect(await client.next()).toBe('complete')
  })

  it('that reads the object is asked about the one of each event', async () => {
    const { gateway, books } = await createStreamWorld(
      { authorization },
      {
        'rules.mjs': `import { rule } from '${SHIELD}'
          const isNovel = rule({ fragment: 'fragment T on Book { title }' })(({ title }) => title !== 'Diary')
          export default { Book: { stars: isNovel } }`,
      },
    )
    const client = await openStream(gateway.url, { query: 'subscription { bookChanged { id stars } }' })
    const source = await books.opened(0)
    const keys = /(\w+): ?title/.exec(source.request.body)?.[1] ?? 'title'
    const event = (title: string) => ({
      data: { bookChanged: { __typename: 'Book', id: '1', [keys]: title } },
    })
    source.next(event('Emma'))
    expect(await client.next()).toEqual({ data: { bookChanged: { id: '1', stars: 5 } } })
    source.next(event('Diary'))
    expect(await client.next()).toEqual({
      errors: [expect.objectContaining({ path: ['bookChanged', 'stars'] })],
      data: { bookChanged: { id: '1', stars: null } },
    })
    source.next(event('Emma'))
    expect(await client.next()).toEqual({ data: { bookChanged: { id: '1', stars: 5 } } })
  })
})
