import { describe, expect, it } from '@jest/globals'
import { ANONYMOUS, operationOf, user, world } from './world.js'

const SHOP = `
  type Query {
    me: User @authenticated
    users: [User!]! @requiresScopes(scopes: [["admin"], ["user:read", "user:list"]])
    product: Product
    secret: Secret
    rank: Rank
    token: Token
    policed: String @policy(policies: [["night"], ["day", "sun"]])
    open: String
  }
  type User { id: ID! name: String email: String @requiresScopes(scopes: [["user:email"]]) friend: User }
  type Product { id: ID! name: String margin: Int @requiresScopes(scopes: [["finance"]]) maker: User }
  type Secret @authenticated { code: String deep: Deep }
  type Deep { x: String }
  enum Rank @authenticated { LOW HIGH }
  scalar Token @requiresScopes(scopes: [["token"]])
`

describe('requirements of directives (R1)', () => {
  const shop = world(SHOP)

  it('lets an operation without guarded fields through at once, unchanged', () => {
    const { supergraph, runRaw } = shop
    const operation = operationOf(supergraph, '{ open product { name } }')
    const answer = runRaw(operation, ANONYMOUS)
    expect(answer).not.toBeInstanceOf(Promise)
    expect(answer).toMatchObject({ denials: [] })
    expect((answer as { permitted: unknown }).permitted).toBe(operation)
  })

  it('answers at once where every requirement is held', () => {
    const operation = operationOf(shop.supergraph, '{ me { email } }')
    const answer = shop.runRaw(operation, user('user:email'))
    expect(answer).not.toBeInstanceOf(Promise)
    expect((answer as { permitted: unknown }).permitted).toBe(operation)
  })

  it.each([
    ['a field of its own', '{ open me { name } }', ['me [Query]'], '{ open }'],
    ['a nested field', '{ product { name margin } }', ['product.margin [Product]'], '{ product { name } }'],
    ['the object type returned', '{ open secret { code } }', ['secret [Query]'], '{ open }'],
    ['the enum returned', '{ open rank }', ['rank [Query]'], '{ open }'],
    ['the scalar returned', '{ open token }', ['token [Query]'], '{ open }'],
    [
      'an alias',
      '{ a: open b: me { id } c: product { d: margin id } }',
      ['b [Query]', 'c.d [Product]'],
      '{ a: open c: product { id } }',
    ],
    ['everything', '{ me { id } users { id } }', ['me [Query]', 'users [Query]'], null],
  ])('refuses %s', async (_what, source, denied, permitted) => {
    expect(await shop.run(source)).toMatchObject({ denied, permitted })
  })

  it('needs all of one group, or another group whole', async () => {
    const source = '{ users { id } open }'
    expect((await shop.run(source, user('user:read'))).denied).toEqual(['users [Query]'])
    expect((await shop.run(source, user('user:read', 'user:list'))).denied).toEqual([])
    expect((await shop.run(source, user('admin'))).denied).toEqual([])
  })

  it('compares scopes exactly (R14)', async () => {
    for (const scope of ['Admin', 'admin ', 'adm', 'admin:x', '*', 'user:*', 'user:read user:list']) {
      expect((await shop.run('{ users { id } open }', user(scope))).denied).toEqual(['users [Query]'])
    }
  })

  it('keeps a field alive that loses its whole selection', async () => {
    expect(await shop.run('{ product { margin } }')).toMatchObject({
      denied: ['product.margin [Product]'],
      permitted: '{ product { __gatehouse_typename: __typename } }',
    })
  })

  it('gives each denial the code and the message that clients know', async () => {
    const { authorized } = await shop.run('{ open me { id } }')
    expect(authorized.denials).toEqual([
      {
        path: ['me'],
        parentTypes: new Set(['Query']),
        coordinate: 'Query.me',
        code: 'UNAUTHORIZED_FIELD_OR_TYPE',
        message: 'Unauthorized field or type',
      },
    ])
  })

  it('never denies introspection and keeps its fragments', async () => {
    const source = `{ me { id } __typename __schema { ...S } } fragment S on __Schema { queryType { ...T } } fragment T on __Type { name }`
    expect(await shop.run(source)).toMatchObject({
      denied: ['me [Query]'],
      permitted: '{ __typename __schema { ... on __Schema { queryType { ... on __Type { name } } } } }',
    })
  })
})

describe('@policy', () => {
  it('is refused while no function decides it', async () => {
    expect((await world(SHOP).run('{ open policed }', user())).denied).toEqual(['policed [Query]'])
  })

  it('asks the function of its name for every request', async () => {
    const shop = world(SHOP, { policies: { night: (principal) => principal.userId === 'u-1' } })
    expect((await shop.run('{ open policed }', user())).denied).toEqual([])
    expect((await shop.run('{ open policed }')).denied).toEqual(['policed [Query]'])
  })

  it('needs a whole group, and true itself', async () => {
    const sunless = world(SHOP, { policies: { day: () => true } })
    expect((await sunless.run('{ open policed }')).denied).toEqual(['policed [Query]'])
    const truthy = world(SHOP, { policies: { night: (() => 'yes') as unknown as () => boolean } })
    expect((await truthy.run('{ open policed }')).denied).toEqual(['policed [Query]'])
    const sunny = world(SHOP, { policies: { day: () => true, sun: () => Promise.resolve(true) } })
    expect((await sunny.run('{ open policed }')).denied).toEqual([])
  })

  it('shows a policy that throws as a fault, and refuses', async () => {
    const shop = world(SHOP, {
      policies: {
        night: () => {
          throw new Error('database password is hunter2')
        },
      },
    })
    const { denied, authorized } = await shop.run('{ open policed }')
    expect(denied).toEqual(['policed [Query] AUTHORIZATION_FAULT'])
    expect(JSON.stringify(authorized.denials)).not.toContain('hunter2')
  })
})
