import { describe, expect, it } from '@jest/globals'
import {
  BREAK,
  buildSchema,
  parse,
  specifiedRules,
  validate,
  visit,
  visitInParallel,
  type ASTVisitor,
} from 'graphql'
import { allRules, togetherVisitor } from '../../../src/documents/rules-together.js'
import { createRandom, pick, type Random } from '../../support/random.js'

const SCHEMA = buildSchema(`
  directive @tag(name: String!) repeatable on FIELD
  enum Color { RED BLUE }
  input Filter { color: Color!, tags: [String!], inner: Filter }
  interface Node { id: ID! }
  type User implements Node { id: ID! name(short: Boolean): String friends(first: Int!): [User] }
  type Shop implements Node { id: ID! owner: User }
  union Found = User | Shop
  type Query { me: User find(filter: Filter, count: Int): [Found] node(id: ID!): Node }
  type Subscription { a: Int b: Int }
`)

/** One document that is right, and one per way of being wrong. */
const DOCUMENTS = [
  'query A($f: Filter, $n: Int = 1) { find(filter: $f, count: $n) { ...on User { ...U } ... on Shop { owner { ...U } } } } fragment U on User { id name(short: true) friends(first: 2) { id } }',
  '{ me { id } } { me { id } }',
  'query A { me { id } } query A { me { name } }',
  '{ me { nope } find { id } me }',
  '{ me { id { x } } }',
  '{ me { friends { id } } }',
  '{ me { ...F } } fragment F on Shop { id }',
  '{ me { ...F } } fragment F on User { ...G } fragment G on User { ...F }',
  '{ me { ...Missing } } fragment Unused on User { id }',
  '{ find(filter: { color: GREEN, color: RED, nope: 1 }) { __typename } }',
  'query ($a: Nope, $a: User, $unused: Int) { me { name(short: $undefined) @tag @skip } }',
  'query ($n: String) { find(count: $n, count: 1, x: 2) { __typename } }',
  '{ me { a: id a: name name @include(if: true) @include(if: true) @nope } }',
  'subscription { a b }',
  'type X { a: Int } fragment F on Color { a } { me { id } }',
]

function findingsOf(text: string, rules: Parameters<typeof validate>[2]): readonly string[] {
  try {
    return validate(SCHEMA, parse(text), rules, { maxErrors: 20 }).map(String)
  } catch (error) {
    return [`thrown: ${String(error)}`]
  }
}

/** Puts parts of documents in the place of other parts. */
function mix(random: Random): string {
  const below = (limit: number): number => Math.floor(random() * limit)
  const parts = (): string[] => pick(random, DOCUMENTS).split(/(?<=[\s{}()])/)
  const [one, other] = [parts(), parts()]
  const from = below(other.length)
  one.splice(below(one.length), below(4), ...other.slice(from, from + below(8)))
  return one.join('')
}

describe('all rules as one', () => {
  it.each(DOCUMENTS)('find what they find one by one, in their order: %s', (text) => {
    expect(findingsOf(text, [allRules])).toEqual(findingsOf(text, specifiedRules))
  })

  it('find the same in documents mixed at random', () => {
    const seed = Date.now() % 1_000_000
    const random = createRandom(seed)
    let compared = 0
    for (let count = 0; count < 4_000; count += 1) {
      const text = mix(random)
      try {
        parse(text)
      } catch {
        continue
      }
      compared += 1
      expect({ seed, text, findings: findingsOf(text, [allRules]) }).toEqual({
        seed,
        text,
        findings: findingsOf(text, specifiedRules),
      })
    }
    expect(compared).toBeGreaterThan(200)
  })

  it('skip and end for one visitor alone, as graphql-js does', () => {
    const seenBy = (together: (visitors: readonly ASTVisitor[]) => ASTVisitor) => {
      const seen: string[] = []
      const watch = (name: string, answer: (key: string) => unknown): ASTVisitor => ({
        enter: ({ kind }) => {
          seen.push(`${name} enters ${kind}`)
          return answer(`enter ${kind}`) as undefined
        },
        leave: ({ kind }) => {
          seen.push(`${name} leaves ${kind}`)
          return answer(`leave ${kind}`) as undefined
        },
      })
      visit(
        parse('{ a { b } c(d: 1) }'),
        together([
          watch('all', () => undefined),
          watch('skips', (key) => (key === 'enter Field' ? false : undefined)),
          watch('ends', (key) => (key === 'enter Argument' ? BREAK : undefined)),
          watch('ends late', (key) => (key === 'leave Field' ? BREAK : undefined)),
        ]),
      )
      return seen
    }
    expect(seenBy(togetherVisitor)).toEqual(seenBy(visitInParallel))
  })
})
