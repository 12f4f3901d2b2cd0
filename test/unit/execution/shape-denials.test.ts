import { describe, expect, it } from '@jest/globals'
import type { Denial } from '../../../src/kernel/denial.js'
import { createBench, supergraphOf } from './world.js'

const SHOP = supergraphOf(`
  interface Node { id: ID email: String }
  type User implements Node { id: ID email: String secret: String! friends: [User!] grid: [[User]] }
  type Bot implements Node { id: ID email: String }
  type Query { me: User users: [User]! nodes: [Node] strict: User! count: Int }
`)
const bench = createBench(SHOP)

function denial(path: string, ...parentTypes: string[]): Denial {
  return {
    path: path.split('.'),
    parentTypes: new Set(parentTypes),
    coordinate: `${parentTypes[0] ?? ''}.${path.split('.').at(-1) ?? ''}`,
    code: 'UNAUTHORIZED_FIELD_OR_TYPE',
    message: 'Unauthorized field or type',
  }
}

describe('a refused field', () => {
  it('is null with one error, however long the list; the rest stays', () => {
    const users = [{ id: '1', email: 'leaked' }, null, { id: '2' }]
    const body = bench.shape(
      { query: '{ users { id email } count }', denials: [denial('users.email', 'User')] },
      { users, count: 3 },
    )
    expect(JSON.stringify(body)).toBe(
      '{"errors":[{"message":"Unauthorized field or type","path":["users","@","email"],' +
        '"extensions":{"code":"UNAUTHORIZED_FIELD_OR_TYPE"}}],' +
        '"data":{"users":[{"id":"1","email":null},null,{"id":"2","email":null}],"count":3}}',
    )
  })

  it.each([[{ users: [] }], [{ users: [null] }]])('is reported where it has no position: %j', (data) => {
    const body = bench.shape({ query: '{ users { email } }', denials: [denial('users.email', 'User')] }, data)
    expect(body).toMatchObject({ data, errors: [{ path: ['users', '@', 'email'] }] })
  })

  it('marks lists of lists, and lists inside fragments', () => {
    const query =
      '{ me { ...F } } fragment F on User { ... on Node { ... on User { g: grid { email } } } friends { id } }'
    const denials = [denial('me.g.email', 'User'), denial('me.friends', 'User')]
    const body = bench.shape({ query, denials }, { me: { g: [[{ email: 'x' }], null], friends: [] } })
    expect(body.errors?.map(({ path }) => path)).toEqual([
      ['me', 'g', '@', '@', 'email'],
      ['me', 'friends'],
    ])
    expect(body.data).toEqual({ me: { g: [[{ email: null }], null], friends: null } })
  })

  it('propagates where it is non-null, without a second error', () => {
    const query = '{ me { id secret } users { id s: secret } }'
    const denials = [denial('me.secret', 'User'), denial('users.s', 'User')]
    const body = bench.shape({ query, denials }, { me: { id: '1' }, users: [{ id: '1' }] })
    expect(body.data).toEqual({ me: null, users: [null] })
    expect(body.errors).toHaveLength(2)
  })

  it('is refused only under the types named', () => {
    const query = '{ nodes { id email } }'
    const nodes = [
      { __typename: 'User', id: '1', email: 'u' },
      { __typename: 'Bot', id: '2', email: 'b' },
    ]
    const body = bench.shape({ query, denials: [denial('nodes.email', 'User')] }, { nodes })
    expect(body.data).toEqual({
      nodes: [
        { id: '1', email: null },
        { id: '2', email: 'b' },
      ],
    })
  })

  it('is refused at its path, not at another one that spreads the same fragment', () => {
    const query = '{ me { ...F } users { ...F } } fragment F on User { email }'
    const data = { me: { email: 'm' }, users: [{ email: 'u' }] }
    const body = bench.shape({ query, denials: [denial('users.email', 'User')] }, data)
    expect(body.data).toEqual({ me: { email: 'm' }, users: [{ email: null }] })
  })

  it('makes the object null where it is the name of its type, which must not be null', () => {
    const query = '{ nodes { ... on User { __typename } ... on Bot { id } } }'
    const nodes = [
      { __typename: 'User', id: '1' },
      { __typename: 'Bot', id: '2' },
    ]
    const body = bench.shape({ query, denials: [denial('nodes.__typename', 'User')] }, { nodes })
    expect(body.data).toEqual({ nodes: [null, { id: '2' }] })
    expect(body.errors).toMatchObject([
      { path: ['nodes', '@', '__typename'], extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } },
    ])
    expect(body.errors).toHaveLength(1)
  })

  it('makes an object null under whatever key the client asks for the name of its type', () => {
    const query = '{ nodes { ... on User { kind: __typename } ... on Bot { id } } }'
    const body = bench.shape(
      { query, denials: [denial('nodes.kind', 'User')] },
      { nodes: [{ __typename: 'User' }] },
    )
    expect(body.data).toEqual({ nodes: [null] })
  })

  it('at the root leaves null, and data null where that is not allowed', () => {
    const me = bench.shape({ query: '{ me { id } }', denials: [denial('me', 'Query')], allRefused: true }, {})
    expect(me).toMatchObject({ data: { me: null }, errors: [{ path: ['me'] }] })
    const strict = bench.shape({ query: '{ strict { id } count }', denials: [denial('strict', 'Query')] }, {})
    expect(strict.data).toBeNull()
    expect(strict.errors).toHaveLength(1)
  })

  it('explains the parent that was not fetched because nothing else was asked of it', () => {
    const body = bench.shape({ query: '{ strict { email } }', denials: [denial('strict.email', 'User')] }, {})
    expect(body.data).toBeNull()
    expect(body.errors).toHaveLength(1)
  })

  it('carries the extensions of its refusal, and is not pushed out by the cap', () => {
    const limited: Denial = {
      ...denial('count', 'Query'),
      code: 'FIELD_RATE_LIMITED',
      message: 'Too often.',
      extensions: { retryAfterSeconds: 5 },
    }
    const failed = { message: 'failed', path: ['me'], extensions: { code: 'SUBGRAPH_ERROR' } }
    const body = createBench(SHOP, {}, { maxErrors: 1 }).shape(
      { query: '{ count me { id } }', denials: [limited] },
      {},
      { errors: [failed] },
    )
    expect(body.errors).toEqual([
      {
        message: 'Too often.',
        path: ['count'],
        extensions: { retryAfterSeconds: 5, code: 'FIELD_RATE_LIMITED' },
      },
    ])
  })
})
