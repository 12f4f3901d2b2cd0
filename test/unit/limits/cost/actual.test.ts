import { describe, expect, it } from '@jest/globals'
import { OWN_KEYS } from '../../../../src/kernel/plan-keys.js'
import { PLAIN_LAYOUT } from '../../../../src/kernel/read-field.js'
import { compileCount } from '../../../../src/limits/cost/compile-count.js'
import { CostDirectives } from '../../../../src/limits/cost/cost-directives.js'
import { createOperationCosts } from '../../../../src/limits/cost/operation-costs.js'
import { createRandom, executeOracle, randomOperation } from '../../../support/random-operations.js'
import { FEDERATION_LINK, makeSupergraph } from '../../../support/make-supergraph.js'
import { makeOperation } from '../make-context.js'

/** Random data has at most three items in a list, as the directives truthfully say. */
const GRAPH = `
  type Query { user: User node: Node things: [Thing!] @listSize(assumedSize: 3) grid: [[User]!] @cost(weight: 4) names: [String] @cost(weight: 2) @listSize(assumedSize: 3) }
  type Mutation { change: User }
  interface Node { id: ID owner: User }
  union Thing = User | Box
  type User implements Node { id: ID owner: User friends: [User!]! size: Int @cost(weight: 5) boxes: [Box] @listSize(assumedSize: 3) }
  type Box implements Node @cost(weight: 3) { id: ID owner: User color: Color inner: [Node] }
  enum Color @cost(weight: 1) { RED GREEN }
`

const supergraph = makeSupergraph([{ name: 'a', typeDefs: FEDERATION_LINK + GRAPH }])
const model = {
  apiSchema: supergraph.apiSchema,
  directives: new CostDirectives(supergraph),
  defaultListSize: 3,
  planKey: OWN_KEYS,
}
const costs = createOperationCosts(model)

describe('the actual cost', () => {
  const count = (source: string, data: Record<string, unknown>) =>
    compileCount(model, makeOperation(source), PLAIN_LAYOUT, {})(data, {})

  it('counts objects, written weights and the items that lists really have', () => {
    const source = '{ user { id size friends { id } boxes { color owner { id } } } names }'
    const box = { color: 'RED', owner: null }
    const user = { id: '1', size: 3, friends: [{ id: '2' }], boxes: [box, { ...box, owner: {} }] }
    // The user, his size, one friend, two boxes with a colour each, one owner, two names.
    expect(count(source, { user, names: ['a', 'b'] })).toBe(1 + 5 + 1 + 6 + 2 + 1 + 4)
  })

  it('counts an object of an abstract type by the type it tells', () => {
    const source = '{ node { ... on Box { inner { id } } } things { __typename } }'
    expect(
      count(source, {
        node: { __typename: 'Box', inner: [{ __typename: 'Box' }, null] },
        things: [{ __typename: 'User' }, { __typename: 'Box' }],
      }),
    ).toBe(3 + 3 + 4)
    expect(count(source, { node: { __typename: 'User' }, things: null })).toBe(1)
    expect(count('{ node { id owner { id } } }', { node: { id: '1', owner: {} } })).toBe(2)
  })

  it('counts ten for a mutation, and nothing for what is null', () => {
    expect(count('mutation { change { id } }', { change: null })).toBe(10)
    expect(count('{ user { friends { id } } }', { user: { friends: 'no list' } })).toBe(1)
    expect(count('{ user { id } }', { user: [1] })).toBe(0)
  })

  it('is never more than the estimate where lists are as long as their sizes say', () => {
    const random = createRandom(20_261)
    let total = 0
    for (let round = 0; round < 200; round += 1) {
      const source = randomOperation(random, supergraph.apiSchema)
      const record = makeOperation(source)
      const variables = { x: random() < 0.5, y: random() < 0.5 }
      const data: Record<string, unknown> = {}
      executeOracle(random, supergraph.apiSchema, record, variables, data)
      const estimated = costs.estimate(record, variables)
      const actual = compileCount(model, record, PLAIN_LAYOUT, variables)(data, variables)
      if (actual > estimated) throw new Error(`${String(actual)} > ${String(estimated)}: ${source}`)
      total += actual
    }
    expect(total).toBeGreaterThan(1_000)
  })
})
