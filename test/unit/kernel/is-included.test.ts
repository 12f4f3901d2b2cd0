import { describe, expect, it } from '@jest/globals'
import {
  getDirectiveValues,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  parse,
  type SelectionNode,
} from 'graphql'
import { conditionsAmong, isIncluded } from '../../../src/kernel/is-included.js'

function onlySelection(text: string): SelectionNode {
  const [operation] = parse(`query ($a: Boolean!, $b: Boolean!) { ${text} }`).definitions
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('Not an operation.')
  const [selection] = operation.selectionSet.selections
  if (!selection) throw new Error('No selection.')
  return selection
}

/** The same, as graphql-js has it. */
function byGraphql(selection: SelectionNode, variables: Record<string, boolean>): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if']
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if']
  return skip !== true && include !== false
}

const CONDITIONS = ['', '@skip(if: true)', '@skip(if: $a)', '@include(if: false)', '@include(if: $a)'].concat(
  ['@skip(if: $a) @include(if: $b)', '@include(if: $a) @other @skip(if: $b)', '@other(if: $a)'],
)

describe('whether a selection takes part', () => {
  it.each(CONDITIONS)('is decided as by graphql-js: %s', (condition) => {
    for (const text of [`x ${condition}`, `... ${condition} { x }`, `...F ${condition}`]) {
      const selection = onlySelection(text)
      for (const a of [true, false]) {
        for (const b of [true, false]) {
          expect(isIncluded(selection, { a, b })).toBe(byGraphql(selection, { a, b }))
        }
      }
    }
  })

  it('is not decided by a condition without a value', () => {
    const selection = onlySelection('x @skip(if: $a)')
    const inherited = Object.create({ a: true }) as Record<string, never>
    for (const variables of [{}, { a: null }, { a: 'true' }, inherited]) {
      expect(() => isIncluded(selection, variables)).toThrow('The condition $a has no value.')
    }
  })

  it('needs of the variables only those of conditions', () => {
    const document = parse('query ($a: Boolean!, $text: String) { x(text: $text) @skip(if: $a) }')
    expect(conditionsAmong(document, { a: false, text: 'long' })).toEqual({ a: false })
    expect(conditionsAmong(document, { text: 'long' })).toEqual({})
  })
})
