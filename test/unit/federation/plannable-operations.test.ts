import { describe, expect, it } from '@jest/globals'
import { parse, print } from 'graphql'
import { plannableOperations } from '../../../src/federation/planning/plannable-operations.js'
import { makeRecord } from './graphs.js'

function plannable(source: string, name?: string): string | undefined {
  return plannableOperations(makeRecord(source, name))[0]?.source
}

function text(source: string): string {
  return print(parse(source))
}

describe('what planners get to see of an operation', () => {
  it('has no root __typename and no introspection', () => {
    const source =
      '{ __typename  kind: __typename  __schema { types { name } }  __type(name: "A") { name }  a { __typename } }'
    expect(plannable(source)).toBe(text('{ a { __typename } }'))
  })

  it('is nothing where nothing is left', () => {
    expect(
      plannable('{ __typename  ...F } fragment F on Query { __schema { types { name } } }'),
    ).toBeUndefined()
    expect(plannable('{ a @skip(if: true)  ... @include(if: false) { b } }')).toBeUndefined()
  })

  it('writes root fragments out and keeps their conditions', () => {
    const source = `
      query Q($v: Boolean!) { ...F @include(if: $v)  ... on Query { b } }
      fragment F on Query { __typename  a { ...G } }
      fragment G on A { id }`
    expect(plannable(source)).toBe(
      text('query Q($v: Boolean!) { ... @include(if: $v) { a { ...G } }  b } fragment G on A { id }'),
    )
  })

  it('is one part per root field of a mutation, with everything selected under its key', () => {
    const source = `
      mutation M($v: Boolean!) { a { id }  ... @include(if: $v) { b  a { n } }  other: b  ...F }
      fragment F on Mutation { c }`
    expect(plannableOperations(makeRecord(source)).map((part) => part.source)).toEqual([
      text('mutation M($v: Boolean!) { a { id }  ... @include(if: $v) { a { n } } }'),
      text('mutation M($v: Boolean!) { ... @include(if: $v) { b } }'),
      text('mutation M($v: Boolean!) { other: b }'),
      text('mutation M($v: Boolean!) { c }'),
    ])
  })

  it('leaves out the other operations and the fragments that only they use', () => {
    const source = 'query A { a }  query B { b { ...G } }  fragment F on A { id }  fragment G on B { id }'
    expect(plannable(source, 'A')).toBe(text('query A { a }'))
    expect(plannable(source, 'B')).toBe(text('query B { b { ...G } } fragment G on B { id }'))
  })

  it('drops what a literal condition rules out, but still asks whether the object is there', () => {
    expect(plannable('{ a { id @skip(if: true)  b @include(if: true) } }')).toBe(
      text('{ a { b @include(if: true) } }'),
    )
    expect(plannable('{ a { ... on A @include(if: false) { id } } }')).toBe(text('{ a { __typename } }'))
  })
})
