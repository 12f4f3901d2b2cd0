import { describe, expect, it } from '@jest/globals'
import { parse } from 'graphql'
import { conditionKey, conditionVariables, holds } from '../../../src/kernel/condition-variables.js'

describe('the variables of conditions', () => {
  it('are those of @skip and @include in all of a document, sorted', () => {
    const document = parse(`
      query ($z: Boolean!, $a: Boolean!, $size: Int, $unused: Boolean!) {
        x(size: $size) @skip(if: $z) { ...F y @include(if: true) }
        ... @include(if: $z) @other(if: $unused) { x }
      }
      fragment F on X { y @include(if: $a) }
    `)
    expect(conditionVariables(document)).toEqual(['a', 'z'])
    expect(conditionVariables(parse('{ x }'))).toEqual([])
  })

  it('are looked for once in a document', () => {
    const document = parse('query ($a: Boolean!) { x @skip(if: $a) }')
    expect(conditionVariables(document)).toBe(conditionVariables(document))
  })

  it('have one key for each combination, and another where one has no value', () => {
    const keyOf = (a?: boolean | null, b?: boolean) =>
      conditionKey(['a', 'b'], { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }), c: 1 })
    const keys = [keyOf(true, true), keyOf(true, false), keyOf(false, true), keyOf(false, false), keyOf()]
    expect(new Set(keys).size).toBe(keys.length)
    expect(keyOf(null, true)).toBe(keyOf(undefined, true))
    expect(conditionKey([], { a: true })).toBe('')
  })

  it('hold where they are true themselves, whatever objects inherit', () => {
    expect(holds('a', { a: true })).toBe(true)
    for (const a of [false, null, 'true', 1]) expect(holds('a', { a })).toBe(false)
    const inherited = Object.create({ a: true }) as Record<string, never>
    expect(holds('a', inherited)).toBe(false)
    expect(conditionKey(['a'], inherited)).toBe(conditionKey(['a'], {}))
  })
})
