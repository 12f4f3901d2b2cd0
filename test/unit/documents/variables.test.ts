import { describe, expect, it } from '@jest/globals'
import type { JsonObject } from '../../../src/kernel/json.js'
import { cpuMsOf } from '../../support/cpu-time.js'
import { createFixture, refusalOf, resolve } from './fixture.js'

const documents = createFixture()
const search = 'query ($filter: Filter, $first: Int = 5) { search(filter: $filter, first: $first) { id } }'

const coerce = (query: string, variables?: JsonObject): JsonObject =>
  resolve(documents, { query, ...(variables === undefined ? {} : { variables }) }).variables

const parsed = (text: string): JsonObject => JSON.parse(text) as JsonObject

describe('variables', () => {
  it('get their defaults, lose unknown names and become plain JSON', () => {
    const filter = { text: 'x', and: [{ tags: 'one' }] }
    const values = coerce(search, { filter, other: 1 })
    expect(JSON.parse(JSON.stringify(values))).toEqual({
      filter: { text: 'x', color: 'RED', and: [{ color: 'RED', tags: ['one'] }] },
      first: 5,
    })
  })

  it('cost nothing where none are declared', () => {
    expect(coerce('{ version }', { a: 1 })).toBe(coerce('{ me { id } }'))
    expect(Object.keys(coerce('{ version }', { a: 1 }))).toEqual([])
  })

  it('are refused with one detail per finding', () => {
    const query = 'query ($id: ID!, $first: Int!) { user(id: $id) { friends(first: $first) { id } } }'
    const refusal = refusalOf(() => coerce(query, { first: 'x' }))
    expect(refusal.code).toBe('BAD_USER_INPUT')
    expect(refusal.details).toHaveLength(2)
    expect(refusal.details?.[0]).toEqual({
      message: 'Variable "$id" of required type "ID!" was not provided.',
      locations: [{ line: 1, column: 8 }],
    })
  })

  it.each([
    'query ($with: Boolean = true) { me { id @include(if: $with) } }',
    'query ($with: Boolean = false) { me { ...F } } fragment F on User { id @skip(if: $with) }',
  ])('are refused where null would have to decide what is asked: %s', (query) => {
    const refusal = refusalOf(() => coerce(query, { with: null }))
    expect(refusal.code).toBe('BAD_USER_INPUT')
    expect(refusal.details).toEqual([
      {
        message: 'Variable "$with" decides a @skip or @include and must not be null.',
        locations: [{ line: 1, column: 8 }],
      },
    ])
    expect(coerce(query)).toHaveProperty('with')
  })

  it('may be null beside conditions that others decide', () => {
    const query =
      'query ($a: Boolean = true, $b: Int = 1) { me @include(if: $a) { friends(first: $b) { id } } }'
    expect({ ...coerce(query, { b: null }) }).toEqual({ a: true, b: null })
  })

  it('are refused without telling names of the schema', () => {
    const refusal = refusalOf(() => coerce(search, { filter: { tex: 'x', color: 'REED' } }))
    expect(refusal.code).toBe('BAD_USER_INPUT')
    expect(JSON.stringify(refusal.details)).not.toContain('Did you mean')
  })

  it('are refused with bounded answers, however many and long they are', () => {
    const tags = Array.from({ length: 10_000 }, () => ({ long: 'x'.repeat(90) }))
    const refusal = refusalOf(() => coerce(search, { filter: { tags, text: ['y'.repeat(900_000)] } }))
    expect(refusal.code).toBe('BAD_USER_INPUT')
    expect(JSON.stringify(refusal.details).length).toBeLessThan(20_000)
  })

  it.each([10_000, 100_000])('survive %i levels of lists and objects', (levels) => {
    const lists = parsed(`{"value":${'['.repeat(levels)}${']'.repeat(levels)}}`)
    expect(refusalOf(() => coerce('query ($value: JSON) { echo(value: $value) }', lists)).code).toBe(
      'BAD_USER_INPUT',
    )
    const objects = parsed(`{"filter":${'{"and":'.repeat(levels)}null${'}'.repeat(levels)}}`)
    expect(refusalOf(() => coerce(search, objects)).code).toBe('BAD_USER_INPUT')
  })

  it('are counted with all items and members before they are coerced', () => {
    const tight = createFixture({ limits: { variableValues: 6 } })
    const run = (filter: object) =>
      resolve(tight, {
        query: 'query ($filter: Filter) { search(filter: $filter) { id } }',
        variables: parsed(JSON.stringify({ filter })),
      })
    expect(run({ and: [{ text: 'a' }, { text: 'b' }] }).variables).toBeDefined()
    for (const filter of [
      { and: [{ text: 'a' }, { text: 'b' }], text: 'c' },
      { tags: ['a', 'b', 'c', 'd', 'e'] },
    ]) {
      const refusal = refusalOf(() => run(filter))
      expect(refusal.code).toBe('BAD_USER_INPUT')
      expect(refusal.details).toEqual([{ message: 'The variables hold more than 6 values.' }])
    }
  })

  it('of a megabyte do not hold the event loop', () => {
    const and = Array.from({ length: 50_000 }, () => ({ text: 'x', color: 'RED' }))
    const took = cpuMsOf(() =>
      expect(refusalOf(() => coerce(search, { filter: { and } })).code).toBe('BAD_USER_INPUT'),
    )
    expect(took).toBeLessThan(1_000)
  })

  it('may be called __proto__ and constructor without harm', () => {
    const query =
      'query ($__proto__: JSON, $constructor: JSON) { a: echo(value: $__proto__) b: echo(value: $constructor) }'
    const values = coerce(
      query,
      parsed('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    )
    expect(Object.keys(values).sort()).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(coerce(query)).toEqual({})
    const filter = parsed('{"filter":{"__proto__":{"text":"x"}}}')
    expect(refusalOf(() => coerce(search, filter)).code).toBe('BAD_USER_INPUT')
  })
})
