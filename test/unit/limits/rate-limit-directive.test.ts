import { describe, expect, it } from '@jest/globals'
import { buildSchema } from 'graphql'
import { findLimitDirective, findFieldLimits } from '../../../src/limits/rate-limit-directive.js'

const schemaWith = (link: string, directive: string, fields = 'a: Int') =>
  buildSchema(
    `schema ${link} { query: Query }
     scalar Import
     directive @link(url: String!, as: String, import: [Import]) repeatable on SCHEMA
     ${directive === '' ? '' : `directive @${directive}(limit: Int! = 7, duration: Int! = 60) on OBJECT | FIELD_DEFINITION`}
     type Query { ${fields} }`,
    { assumeValidSDL: true },
  )

describe('findLimitDirective', () => {
  const url = 'url: "https://gatehouse.dev/rateLimit/v1.0"'
  it.each([
    ['imported', `@link(${url}, import: ["@rateLimit"])`, 'rateLimit'],
    ['renamed', `@link(${url}, import: [{ name: "@rateLimit", as: "@throttle" }])`, 'throttle'],
    ['not imported', `@link(${url})`, 'rateLimit'],
    ['with another prefix', `@link(${url}, as: "calm")`, 'calm'],
    ['with another prefix, spelt in full', `@link(${url}, as: "calm")`, 'calm__rateLimit'],
    ['beside other links', `@link(url: "https://specs.apollo.dev/join/v0.3") @link(${url})`, 'rateLimit'],
    ['without link', '', 'rateLimit'],
  ])('finds it %s', (_case, link, name) => {
    expect(findLimitDirective(schemaWith(link, name))).toBe(name)
  })

  it('does not follow a link to something else of the name', () => {
    const link = '@link(url: "https://specs.apollo.dev/rateLimiter/v1.0", as: "other")'
    expect(findLimitDirective(schemaWith(link, 'other'))).toBe('rateLimit')
  })
})

describe('findFieldLimits', () => {
  it('lists limited fields, of the type and of their own, with the defaults of the definition', () => {
    const schema = buildSchema(`
      directive @rateLimit(limit: Int! = 7, duration: Int! = 60) on OBJECT | FIELD_DEFINITION
      interface Node { id: ID! @rateLimit(limit: 1) }
      type Query { free: Int limited: Int @rateLimit(limit: 3, duration: 1) }
      type User implements Node @rateLimit { id: ID! name: String @rateLimit(limit: 2) }
      type Guest implements Node { id: ID! }`)
    expect(Object.fromEntries(findFieldLimits(schema, 'rateLimit'))).toEqual({
      'Query.limited': { limit: 3, seconds: 1 },
      'User.id': { limit: 7, seconds: 60 },
      'User.name': { limit: 2, seconds: 60 },
      'Guest.id': { limit: 1, seconds: 60 },
    })
  })

  it('reads the spelling of other gateways, with windows in words', () => {
    const schema = buildSchema(`
      directive @rateLimit(max: Int, window: String, identityArgs: [String], arrayLengthField: String, message: String) on FIELD_DEFINITION
      input Items { ids: [ID] }
      type Query {
        a(id: ID, items: Items): Int @rateLimit(max: 5, window: "10m", identityArgs: ["id"], arrayLengthField: "items.ids", message: "Slowly.")
        b: Int @rateLimit(max: 1, window: "2h")
        c: Int @rateLimit(max: 1, window: "7")
      }`)
    expect(Object.fromEntries(findFieldLimits(schema, 'rateLimit'))).toEqual({
      'Query.a': {
        limit: 5,
        seconds: 600,
        keyArguments: [['id']],
        weightBy: ['items', 'ids'],
        message: 'Slowly.',
      },
      'Query.b': { limit: 1, seconds: 7_200 },
      'Query.c': { limit: 1, seconds: 7 },
    })
  })

  it.each([
    ['limit: 1, max: 1, duration: 1', 'has both limit and max'],
    ['max: 1, window: "soon"', 'needs limit (or max) >= 0 and duration (or window)'],
    ['max: 1, window: "0s"', 'needs limit'],
    ['max: 1, window: "1s", readOnly: true', 'has the argument readOnly, which this gateway does not know'],
    [
      'max: 1, window: "1s", keyArguments: ["nothing.below"]',
      'names the argument nothing, which it does not have',
    ],
  ])('refuses %s', (args, message) => {
    const schema = buildSchema(`
      directive @rateLimit(limit: Int, duration: Int, max: Int, window: String, keyArguments: [String!], readOnly: Boolean) on FIELD_DEFINITION
      type Query { a: Int @rateLimit(${args}) }`)
    expect(() => findFieldLimits(schema, 'rateLimit')).toThrow(message)
    expect(() => findFieldLimits(schema, 'rateLimit')).toThrow('Query.a')
  })

  it.each(['limit: -1', 'duration: 0', 'duration: -5'])('refuses %s, naming the field', (args) => {
    const schema = schemaWith('', 'rateLimit', `a: Int @rateLimit(${args})`)
    expect(() => findFieldLimits(schema, 'rateLimit')).toThrow('Query.a')
  })
})
