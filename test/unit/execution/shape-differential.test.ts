import { describe, expect, it } from '@jest/globals'
import { buildSchema } from 'graphql'
import type { Denial } from '../../../src/kernel/denial.js'
import {
  createRandom,
  executeOracle,
  randomOperation,
  type Random,
  type Visit,
} from '../../support/random-operations.js'
import { createBench, recordOf, supergraphOf } from './world.js'

/** A failure prints its seed: SHAPE_SEED runs that case again. SHAPE_CASES runs more of them. */
const FIRST_SEED = Number(process.env['SHAPE_SEED'] ?? 7_000)
const CASES = Number(process.env['SHAPE_CASES'] ?? (process.env['SHAPE_SEED'] === undefined ? 200 : 1))
const SEEDS = Array.from({ length: CASES }, (_, index) => FIRST_SEED + index)

const SDL = `
  scalar Any
  enum Color { RED GREEN }
  interface Node { id: ID! label: String }
  interface Named implements Node { id: ID! label: String name: String! }
  type User implements Node & Named {
    id: ID! label: String name: String! age: Int friends: [User!] best: User posts: [Post]! grid: [[Int!]]
  }
  type Post implements Node {
    id: ID! label: String title: String! score: Float color: Color! author: User! parts: [[Part!]]! any: Any
  }
  type Tag implements Node & Named { id: ID! label: String name: String! on: Boolean! }
  union Part = User | Post | Tag
  type Query {
    user: User me: User! nodes: [Node!] named: Named part: Part parts: [Part]! count: Int! flags: [Boolean!]!
  }
`
const SCHEMA = buildSchema(SDL)
const supergraph = supergraphOf(SDL)

function chooseDenials(random: Random, visits: readonly Visit[]): readonly Denial[] {
  const chosen = visits.filter(() => random() < 2 / Math.max(visits.length, 1))
  return chosen.map(({ path, parentType }) => ({
    path,
    parentTypes: new Set([parentType]),
    coordinate: `${parentType}.?`,
    code: 'UNAUTHORIZED_FIELD_OR_TYPE',
    message: 'Unauthorized field or type',
  }))
}

describe('shaping against graphql-js over the same data', () => {
  it('gives the same data and the same error paths', () => {
    const bench = createBench(supergraph, {}, { maxErrors: 10_000 })
    let errors = 0
    for (const seed of SEEDS) {
      const random = createRandom(seed)
      const query = randomOperation(random, SCHEMA)
      const variables = { x: random() < 0.5, y: random() < 0.5 }
      const data = {}
      const expected = executeOracle(random, SCHEMA, recordOf(query), variables, data)
      const body = bench.shape({ query, variables }, data)
      errors += expected.errors.length
      expect({
        seed,
        query,
        data: JSON.stringify(body.data),
        paths: (body.errors ?? []).map(({ path }) => path),
      }).toEqual({
        seed,
        query,
        data: JSON.stringify(expected.data),
        paths: expected.errors.map(({ path }) => path),
      })
    }
    // The cases are worth something only while faults are among them.
    if (CASES >= 200) expect(errors).toBeGreaterThan(100)
  })

  it('gives the same data when fields are refused, and one error per refusal', () => {
    const bench = createBench(supergraph, {}, { maxErrors: 10_000 })
    let refusals = 0
    for (const seed of SEEDS) {
      const random = createRandom(seed)
      const query = randomOperation(random, SCHEMA)
      const variables = { x: random() < 0.5, y: random() < 0.5 }
      const data = {}
      const { visits } = executeOracle(random, SCHEMA, recordOf(query), variables, data)
      const denials = chooseDenials(random, visits)
      const refused = new Set(denials.map((denial) => keyOf(denial.path, [...denial.parentTypes][0] ?? '')))
      const expected = executeOracle(random, SCHEMA, recordOf(query), variables, data, (visit) =>
        refused.has(keyOf(visit.path, visit.parentType)),
      )
      const body = bench.shape({ query, variables, denials }, data)
      refusals += denials.length
      expect({ seed, query, data: JSON.stringify(body.data) }).toEqual({
        seed,
        query,
        data: JSON.stringify(expected.data),
      })
      const reported = body.errors?.filter(
        ({ extensions }) => extensions.code === 'UNAUTHORIZED_FIELD_OR_TYPE',
      )
      expect(reported ?? []).toHaveLength(denials.length)
      for (const { path = [] } of reported ?? []) {
        expect(path.every((step) => typeof step === 'string')).toBe(true)
      }
    }
    if (CASES >= 200) expect(refusals).toBeGreaterThan(100)
  })
})

function keyOf(path: readonly string[], parentType: string): string {
  return `${path.join('.')} ${parentType}`
}
