import { describe, expect, it } from '@jest/globals'
import { parse, print } from 'graphql'
import { createCanonise } from '../../../src/federation/planning/canonical-operation.js'
import { plannableOperations } from '../../../src/federation/planning/plannable-operations.js'
import { supergraphOf } from '../execution/world.js'
import { makeRecord } from './graphs.js'

const canonise = createCanonise(supergraphOf('type Query { q: Int }  type Mutation { m: Int }'))

function parts(source: string, name?: string): readonly string[] {
  const canonical = canonise(makeRecord(source, name))
  return canonical ? plannableOperations(canonical).map((part) => part.source) : []
}

function text(source: string): string {
  return print(parse(source))
}

describe('what planners get to see of an operation', () => {
  it('has no root __typename and no introspection', () => {
    const source =
      '{ __typename  kind: __typename  __schema { types { name } }  __type(name: "A") { name }  a { __typename } }'
    expect(parts(source)).toEqual([text('{ a { __typename } }')])
  })

  it('is nothing where nothing is left', () => {
    expect(parts('{ __typename  ...F } fragment F on Query { __schema { types { name } } }')).toEqual([])
    expect(parts('{ a @skip(if: true)  ... @include(if: false) { b } }')).toEqual([])
  })

  it('writes root fragments out and keeps their conditions', () => {
    const source = `
      query Q($v: Boolean!) { ...F @include(if: $v)  ... on Query { b } }
      fragment F on Query { __typename  a { ...G } }
      fragment G on A { id }`
    expect(parts(source)).toEqual([
      text('query ($v0: Boolean!) { ... @include(if: $v0) { a { ...f0 } }  b } fragment f0 on A { id }'),
    ])
  })

  it('is one part per root field of a mutation, with everything selected under its key', () => {
    const source = `
      mutation M($v: Boolean!) { a { id }  ... @include(if: $v) { b  a { ...G } }  other: b  ...F }
      fragment F on Mutation { c }
      fragment G on A { n }`
    expect(parts(source)).toEqual([
      text(
        'mutation ($v0: Boolean!) { a { id }  ... @include(if: $v0) { a { ...f0 } } } fragment f0 on A { n }',
      ),
      text('mutation ($v0: Boolean!) { ... @include(if: $v0) { b } }'),
      text('mutation { other: b }'),
      text('mutation { c }'),
    ])
  })

  it('leaves out the other operations and the fragments that only they use', () => {
    const source = 'query A { a }  query B { b { ...G } }  fragment F on A { id }  fragment G on B { id }'
    expect(parts(source, 'A')).toEqual([text('{ a }')])
    expect(parts(source, 'B')).toEqual([text('{ b { ...f0 } } fragment f0 on B { id }')])
  })

  it('drops what a literal condition rules out, but still asks whether the object is there', () => {
    expect(parts('{ a { id @skip(if: true)  b @include(if: true) } }')).toEqual([
      text('{ a { b @include(if: true) } }'),
    ])
    expect(parts('{ a { ... on A @include(if: false) { id } } }')).toEqual([text('{ a { __typename } }')])
  })
})
