import { describe, expect, it } from '@jest/globals'
import type { Planned } from '../../../src/kernel/contexts.js'
import { sourceCovers } from '../../../src/pipeline/source-covers.js'

const planned = (operation: string, planVariables: object = {}, facts: object = {}) =>
  ({
    plan: {
      node: {
        kind: 'Subscription',
        primary: { kind: 'Fetch', subgraph: 'shop', operation, outputRewrites: [], ...facts },
        rest: undefined,
      },
    },
    planVariables,
  }) as unknown as Planned

const OPENED = planned(
  'subscription ($v0: ID, $v1: Int) { changed(id: $v0) { __typename id image(width: $v1) { url } ... on Book { title } } }',
  { v0: '1', v1: 200 },
)

describe('the source of a subscription', () => {
  it.each([
    [
      'the same',
      'subscription ($a: ID, $b: Int) { changed(id: $a) { id image(width: $b) { url } } }',
      { a: '1', b: 200 },
    ],
    ['less', 'subscription { changed(id: "1") { id ... on Book { title } } }', {}],
  ])('brings what is %s', (_what, operation, variables) => {
    expect(sourceCovers(OPENED, planned(operation, variables))).toBe(true)
  })

  it.each<[string, Planned]>([
    ['another field', planned('subscription { changed(id: "1") { id secret } }')],
    ['another argument', planned('subscription { changed(id: "2") { id } }')],
    ['another argument below', planned('subscription { changed(id: "1") { image(width: 9) { url } } }')],
    ['another key', planned('subscription { changed(id: "1") { name: id } }')],
    ['another type', planned('subscription { changed(id: "1") { ... on Film { title } } }')],
    ['a condition', planned('subscription { changed(id: "1") { id @skip(if: false) } }')],
    ['a named fragment', planned('subscription { changed(id: "1") { ...F } } fragment F on Book { id }')],
    ['another subgraph', planned('subscription { changed(id: "1") { id } }', {}, { subgraph: 'other' })],
    [
      'a rewrite',
      planned('subscription { changed(id: "1") { id } }', {}, { outputRewrites: [{ kind: 'renameKey' }] }),
    ],
    ['nothing at all', { plan: { node: undefined }, planVariables: {} } as unknown as Planned],
  ])('does not bring what has %s', (_what, now) => {
    expect(sourceCovers(OPENED, now)).toBe(false)
  })

  describe('for which less is asked than before', () => {
    const opened = planned('subscription { changed { id author { name } } }')
    const nameless = 'subscription { changed { __typename id author { __typename } } }'
    const alone = 'subscription { changed { id author { kept: __typename } } }'
    const withRest = (operation: string) => {
      const now = planned(operation)
      return {
        ...now,
        plan: { node: { ...now.plan.node, rest: { kind: 'Parallel', nodes: [] } } },
      } as Planned
    }

    it('need not bring names of types that only stand in place of what was taken out', () => {
      expect(sourceCovers(opened, planned(nameless))).toBe(false)
      expect(sourceCovers(opened, planned(nameless), true)).toBe(true)
      expect(sourceCovers(opened, withRest(alone), true)).toBe(true)
    })

    it('brings those by which entities are fetched', () => {
      expect(sourceCovers(opened, withRest(nameless), true)).toBe(false)
    })
  })
})
