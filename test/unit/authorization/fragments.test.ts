import { describe, expect, it } from '@jest/globals'
import { operationOf, user, world } from './world.js'

const SHOP = world(`
  type Query {
    open: String
    me: User
    owner: User
    team: Team @authenticated
    node(id: ID, at: Int = 3): User
  }
  type Team { lead: User }
  type User { id: ID! name: String email(mask: Boolean = true): String @requiresScopes(scopes: [["email"]]) friend: User }
  type Mutation {
    rename(name: String!): User
    pay(amount: Int!): Receipt @requiresScopes(scopes: [["pay"]])
    reset: Boolean @requiresScopes(scopes: [["admin"]])
  }
  type Receipt { total: Int secret: String @requiresScopes(scopes: [["audit"]]) }
  type Subscription { changed(id: ID): User @requiresScopes(scopes: [["watch"]]) ticked: Int }
`)

describe('fragments', () => {
  it.each([
    [
      'removes a field from a shared fragment under both parents',
      '{ me { ...F } owner { ...F } } fragment F on User { id email }',
      ['me.email [User]', 'owner.email [User]'],
      '{ me { ... on User { id } } owner { ... on User { id } } }',
    ],
    [
      'keeps a shared fragment under the parent that is allowed',
      '{ team { lead { ...F } } me { ...F } } fragment F on User { id name }',
      ['team [Query]'],
      '{ me { ... on User { id name } } }',
    ],
    [
      'drops an emptied fragment, and keeps its parent alive',
      '{ me { ...F } } fragment F on User { email }',
      ['me.email [User]'],
      '{ me { __gatehouse_typename: __typename } }',
    ],
    [
      'looks through inline fragments and nested ones',
      '{ ... { me { ... on User { ...F } id } } } fragment F on User { ...G } fragment G on User { e: email name }',
      ['me.e [User]'],
      '{ ... { me { ... on User { ... on User { ... on User { name } } } id } } }',
    ],
    [
      'removes both of two equal selections',
      '{ me { email id } me { email friend { email name } } }',
      ['me.email [User]', 'me.friend.email [User]'],
      '{ me { id } me { friend { name } } }',
    ],
    [
      'tells equal field names under different keys apart',
      '{ a: me { email } b: me { email: name } }',
      ['a.email [User]'],
      '{ a: me { __gatehouse_typename: __typename } b: me { email: name } }',
    ],
  ])('%s', async (_what, source, denied, permitted) => {
    expect(await SHOP.run(source)).toMatchObject({ denied, permitted })
  })

  it('drops variables and fragments that nothing uses any more, and keeps the others', async () => {
    const source = `query Q($id: ID, $mask: Boolean, $at: Int = 4) { node(id: $id, at: $at) { email(mask: $mask) name } }`
    const { permitted, authorized } = await SHOP.run(source, undefined, { id: '1', mask: true, at: 4 })
    expect(permitted).toBe('query Q($id: ID, $at: Int = 4) { node(id: $id, at: $at) { name } }')
    expect(authorized.permitted).toMatchObject({ name: 'Q', type: 'query' })
    expect(authorized.permitted?.document.definitions).toHaveLength(1)
    expect(authorized.permitted?.hash).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('@skip and @include (R9)', () => {
  const source =
    'query ($more: Boolean!) { open me @include(if: $more) { id email } team @skip(if: $more) { lead { id } } }'

  it('decides about what the variables select', async () => {
    expect((await SHOP.run(source, undefined, { more: true })).denied).toEqual(['me.email [User]'])
    expect((await SHOP.run(source, undefined, { more: false })).denied).toEqual(['team [Query]'])
  })

  it('keeps the conditions in what is left', async () => {
    expect((await SHOP.run(source, undefined, { more: true })).permitted).toBe(
      'query ($more: Boolean!) { open me @include(if: $more) { id } team @skip(if: $more) { lead { id } } }',
    )
  })

  it('remembers a decision for its variables only', async () => {
    const operation = operationOf(SHOP.supergraph, source)
    for (const more of [true, false, true, false]) {
      const { denied } = await SHOP.run(operation, undefined, { more })
      expect(denied).toEqual([more ? 'me.email [User]' : 'team [Query]'])
    }
  })

  it('judges the operation that runs, not its neighbours', async () => {
    const document = 'query A { open } query B { open team { lead { id } } }'
    expect((await SHOP.run(operationOf(SHOP.supergraph, document, 'A'))).denied).toEqual([])
    const other = await SHOP.run(operationOf(SHOP.supergraph, document, 'B'))
    expect(other).toMatchObject({ denied: ['team [Query]'], permitted: 'query B { open }' })
  })
})

describe('mutations and subscriptions (R10)', () => {
  it('takes a denied mutation out beside an allowed one, however it is written', async () => {
    const source =
      'mutation { rename(name: "x") { id } p: pay(amount: 1) { total } ...M } fragment M on Mutation { q: pay(amount: 2) { total } reset }'
    expect(await SHOP.run(source)).toMatchObject({
      denied: ['p [Mutation]', 'q [Mutation]', 'reset [Mutation]'],
      permitted: 'mutation { rename(name: "x") { id } }',
    })
  })

  it('leaves nothing of a mutation that is denied whole', async () => {
    expect((await SHOP.run('mutation { reset }')).permitted).toBeNull()
  })

  it('still runs an allowed mutation whose every child is denied', async () => {
    expect(await SHOP.run('mutation { pay(amount: 1) { secret } }', user('pay'))).toMatchObject({
      denied: ['pay.secret [Receipt]'],
      permitted: 'mutation { pay(amount: 1) { __gatehouse_typename: __typename } }',
    })
  })

  it('judges subscriptions like queries', async () => {
    const source = 'subscription ($id: ID) { changed(id: $id) { id email } }'
    expect((await SHOP.run(source, undefined, { id: '1' })).permitted).toBeNull()
    expect(await SHOP.run(source, user('watch'), { id: '1' })).toMatchObject({
      denied: ['changed.email [User]'],
      permitted: 'subscription ($id: ID) { changed(id: $id) { id } }',
    })
  })
})

describe('what is remembered', () => {
  it('gives the same record for the same outcome, and another for another', async () => {
    const operation = operationOf(SHOP.supergraph, '{ me { id email } team { lead { id } } }')
    const anonymous = await SHOP.run(operation)
    const again = await SHOP.run(operation)
    const reader = await SHOP.run(operation, user('other'))
    expect(again.authorized.permitted).toBe(anonymous.authorized.permitted)
    expect(reader.authorized.permitted).not.toBe(anonymous.authorized.permitted)
    expect(reader.permitted).toBe('{ me { id } team { lead { id } } }')
    expect(reader.authorized.permitted?.hash).not.toBe(anonymous.authorized.permitted?.hash)
  })

  it('answers the second time without waiting', async () => {
    const operation = operationOf(SHOP.supergraph, '{ me { id email } }')
    await SHOP.runRaw(operation, user('x'))
    expect(SHOP.runRaw(operation, user('y'))).not.toBeInstanceOf(Promise)
  })

  it('does not touch the operation it was given', async () => {
    const operation = operationOf(SHOP.supergraph, '{ me { ...F } } fragment F on User { id email }')
    const before = JSON.stringify(operation.document)
    await SHOP.run(operation)
    expect(JSON.stringify(operation.document)).toBe(before)
  })
})
