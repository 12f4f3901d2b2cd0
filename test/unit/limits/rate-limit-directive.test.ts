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
      type User implements Node @rateLimit { id: ID! name: String @rateLimit(limit: 2) }`)
    const { limits, ineffective } = findFieldLimits(schema, 'rateLimit')
    expect(Object.fromEntries(limits)).toEqual({
      'Query.limited': { limit: 3, seconds: 1 },
      'User.id': { limit: 7, seconds: 60 },
      'User.name': { limit: 2, seconds: 60 },
    })
    expect(ineffective).toEqual(['Node.id'])
  })

  it.each(['limit: -1', 'duration: 0', 'duration: -5'])('refuses %s, naming the field', (args) => {
    const schema = schemaWith('', 'rateLimit', `a: Int @rateLimit(${args})`)
    expect(() => findFieldLimits(schema, 'rateLimit')).toThrow('Query.a')
  })
})
