import { describe, expect, it } from '@jest/globals'
import { and, not, or, rule, type IRules } from 'graphql-shield'
import { ANONYMOUS, user, world } from './world.js'

const SCHEMA = `
  type Query { me: User @authenticated free: String users: [User!] @requiresScopes(scopes: [["user:read", "user:list"], ["admin"]]) any: Any }
  type User { id: ID name: String email: String @requiresScopes(scopes: [["user:email"]]) vip: String @policy(policies: [["vip"]]) cards: [Card] }
  type Card @requiresScopes(scopes: [["card:read"]]) { number: String }
  union Any = User | Card
`

const isAdult = rule('isAdult')(() => false)
const isHuman = rule('isHuman')(() => true)
const permissions: IRules = { User: { name: and(isHuman, or(isAdult, not(isHuman))) } }
const policies = { vip: () => Promise.resolve(false) }
const shop = world(SCHEMA, { permissions, policies })

const QUERY = '{ me { id name email vip cards { number } } free }'

describe('explain', () => {
  it('says of each field what it needs, what the caller lacks and what follows', async () => {
    expect(await shop.explain(QUERY, user('card:read'))).toEqual([
      { path: 'me', coordinate: 'Query.me', needs: ['a signed-in caller'], decision: 'allowed', missing: [] },
      { path: 'me.id', coordinate: 'User.id', needs: [], decision: 'allowed', missing: [] },
      {
        path: 'me.name',
        coordinate: 'User.name',
        needs: ['rule and(isHuman, or(isAdult, not(isHuman)))'],
        decision: 'refused',
        missing: ['rule and(isHuman, or(isAdult, not(isHuman)))'],
        code: 'UNAUTHORIZED_FIELD_OR_TYPE',
      },
      {
        path: 'me.email',
        coordinate: 'User.email',
        needs: ['scope user:email'],
        decision: 'refused',
        missing: ['scope user:email'],
        code: 'UNAUTHORIZED_FIELD_OR_TYPE',
      },
      {
        path: 'me.vip',
        coordinate: 'User.vip',
        needs: ['policy vip'],
        decision: 'refused',
        missing: ['policy vip'],
        code: 'UNAUTHORIZED_FIELD_OR_TYPE',
      },
      {
        path: 'me.cards',
        coordinate: 'User.cards',
        needs: ['scope card:read'],
        decision: 'allowed',
        missing: [],
      },
      {
        path: 'me.cards.number',
        coordinate: 'Card.number',
        needs: ['scope card:read'],
        decision: 'allowed',
        missing: [],
      },
      { path: 'free', coordinate: 'Query.free', needs: [], decision: 'allowed', missing: [] },
    ])
  })

  it('tells what stands below a refused field from what is refused itself', async () => {
    const explained = await shop.explain('{ me { id } users { id } }', ANONYMOUS)
    expect(explained.map(({ path, decision, missing }) => [path, decision, ...missing])).toEqual([
      ['me', 'refused', 'a signed-in caller'],
      ['me.id', 'left-out'],
      ['users', 'refused', 'scope user:read + user:list or admin'],
      ['users.id', 'left-out'],
    ])
  })

  it('has an entry for each type that a place can hold', async () => {
    const explained = await shop.explain(
      '{ any { __typename ... on User { id } ... on Card { number } } }',
      user(),
    )
    expect(explained.map(({ path, coordinate, decision }) => `${path} ${coordinate} ${decision}`)).toEqual([
      'any Query.any allowed',
      'any.__typename User.__typename allowed',
      'any.__typename Card.__typename allowed',
      'any.id User.id allowed',
      'any.number Card.number refused',
    ])
  })

  it('refuses what the stage refuses, for every caller and condition', async () => {
    const query =
      'query ($x: Boolean!) { a: me { ...U } b: me @skip(if: $x) { name ...U } users @include(if: $x) { ...U } any { ... on Card { n: number } } } fragment U on User { email cards { number } vip }'
    for (const caller of [
      ANONYMOUS,
      user(),
      user('user:email'),
      user('admin', 'card:read'),
      user('card:read'),
    ]) {
      for (const x of [true, false]) {
        const { denied } = await shop.run(query, caller, { x })
        const refused = (await shop.explain(query, caller, { x })).filter(
          ({ decision }) => decision === 'refused',
        )
        const lines = refused.map(({ path, coordinate }) => `${path} [${coordinate.split('.')[0] ?? ''}]`)
        expect(lines.sort()).toEqual([...denied].sort())
      }
    }
  })
})
