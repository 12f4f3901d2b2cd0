import { describe, expect, it } from '@jest/globals'
import { getIntrospectionQuery } from 'graphql'
import { cpuMsOf } from '../../support/cpu-time.js'
import { createFixture, refusalOf, repeat, resolve, toAdmitted } from './fixture.js'

const documents = createFixture()

const codeOf = (query: string, fixture = documents): string => refusalOf(() => resolve(fixture, query)).code

const nested = (levels: number, leaf = 'id'): string =>
  levels === 0 ? leaf : `friend { ${nested(levels - 1, leaf)} }`

/** A document in which each fragment spreads the next one twice: 2^levels selections. */
const bomb = (levels: number, spread: (next: number) => string): string =>
  `{ me { ...F0 } } ${repeat(levels, (i) => `fragment F${i} on User { ${spread(i + 1)} }`)} fragment F${levels} on User { id }`

describe('limits of the text', () => {
  it('counts tokens while reading', () => {
    expect(codeOf(`{ me { ${'id '.repeat(2000)} } }`)).toBe('MAX_TOKENS_LIMIT')
    expect(codeOf(`{ me { ${'id '.repeat(500_000)} } }`)).toBe('MAX_TOKENS_LIMIT')
  })

  it('admits a document of exactly the limit', () => {
    const exact = createFixture({ limits: { tokens: 6 } })
    expect(resolve(exact, '{ me { id } }').operation.type).toBe('query')
    expect(codeOf('{ me { id name } }', exact)).toBe('MAX_TOKENS_LIMIT')
  })

  it('refuses a megabyte of comments', () => {
    expect(codeOf(`{ version } ${'#\n'.repeat(500_000)}`)).toBe('GRAPHQL_PARSE_FAILED')
  })

  it.each([10_000, 100_000])('refuses %i open brackets of every kind', (count) => {
    for (const text of [
      '{a'.repeat(count),
      `{ me ${'{ ...'.repeat(count)}`,
      `{ echo(value: ${'['.repeat(count)}`,
      `{ echo(value: ${'{a:'.repeat(count)}`,
      `query ($v: ${'['.repeat(count)}Int`,
      `{ echo(value: ${'['.repeat(count)}${']'.repeat(count)}) }`,
    ]) {
      expect(codeOf(text)).toBe('MAX_DEPTH_LIMIT')
    }
  })

  it('survives limits that were raised as far as they go', () => {
    const loose = createFixture({ limits: { tokens: 100_000, nesting: 500, depth: 10_000, fragments: 1000 } })
    const chain = (length: number) =>
      `{ me { ...F0 } } ${repeat(length, (i) => `fragment F${i} on User { ...F${i + 1} }`)} fragment F${length} on User { id }`
    expect(resolve(loose, chain(497)).operation.type).toBe('query')
    expect(codeOf(chain(999), loose)).toBe('MAX_DEPTH_LIMIT')
    expect(resolve(loose, `{ me { ${nested(400)} } }`).operation.type).toBe('query')
  })

  it('counts directives of all kinds', () => {
    const directives = '@skip(if: false) '.repeat(51)
    expect(codeOf(`{ me ${directives} { id } }`)).toBe('MAX_DIRECTIVES_LIMIT')
    expect(codeOf(`query ${'@a '.repeat(51)} { me { id } }`)).toBe('MAX_DIRECTIVES_LIMIT')
    expect(codeOf(`{ me { ${'... @include(if: true) { id } '.repeat(51)} } }`)).toBe('MAX_DIRECTIVES_LIMIT')
  })

  it('takes no directive from inside a text value', () => {
    const value = JSON.stringify('@'.repeat(200))
    expect(resolve(documents, `{ echo(value: ${value}) }`).operation.type).toBe('query')
  })

  it('counts operations, fragments and variables', () => {
    expect(codeOf(repeat(11, (i) => `query Q${i} { version }`))).toBe('MAX_TOKENS_LIMIT')
    expect(codeOf(`{ me { id } } ${repeat(101, (i) => `fragment F${i} on User { id }`)}`)).toBe(
      'MAX_TOKENS_LIMIT',
    )
    expect(codeOf(`{ me { id } } ${'fragment F on User { id } '.repeat(101)}`)).toBe('MAX_TOKENS_LIMIT')
    expect(codeOf(`query (${repeat(101, (i) => `$v${i}: Int`)}) { version }`)).toBe('MAX_TOKENS_LIMIT')
  })
})

describe('limits of the shape', () => {
  it('admits depth 15 and refuses 16', () => {
    expect(resolve(documents, `{ me { ${nested(13)} } }`).operation.type).toBe('query')
    expect(codeOf(`{ me { ${nested(14)} } }`)).toBe('MAX_DEPTH_LIMIT')
  })

  it.each(['__schema', 'IntrospectionQuery', '__type', 'F'])(
    'counts depth through a fragment named %s',
    (name) => {
      const text = `query IntrospectionQuery { me { ...${name} } } fragment ${name} on User { ${nested(14)} }`
      expect(codeOf(text)).toBe('MAX_DEPTH_LIMIT')
    },
  )

  it('counts a fragment that was first met shallow at its full depth below', () => {
    const text = `{ me { ...F ${nested(8, '...F')} } } fragment F on User { ${nested(8)} }`
    expect(codeOf(text)).toBe('MAX_DEPTH_LIMIT')
  })

  it('does not let an alias or a field called __schema hide depth', () => {
    expect(codeOf(`{ __schema: me { ${nested(14)} } }`)).toBe('MAX_DEPTH_LIMIT')
    expect(codeOf(`{ __schema { ${nested(30)} } }`)).toBe('MAX_DEPTH_LIMIT')
    expect(codeOf(`{ me { __schema { ${nested(14)} } } }`)).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  it('counts depth through chains of inline fragments and fragments', () => {
    const chain = repeat(
      50,
      (i) => `fragment F${i} on User { ... on Node { ... on User { friend { ...F${i + 1} } } } }`,
    )
    expect(codeOf(`{ me { ...F0 } } ${chain} fragment F50 on User { id }`)).toBe('MAX_DEPTH_LIMIT')
  })

  it('admits no more selections inside each other than the native planner reads, which is 50', () => {
    const inline = (levels: number) => `{ me { ${'... { '.repeat(levels)} id ${'} '.repeat(levels)} } }`
    const named = (levels: number) =>
      `{ me { ...F1 } } ${repeat(levels - 1, (i) => `fragment F${i + 1} on User { ...F${i + 2} }`)} fragment F${levels} on User { id }`
    for (const write of [inline, named]) {
      expect(resolve(documents, write(43)).operation.type).toBe('query')
      expect(codeOf(write(44))).toBe('MAX_DEPTH_LIMIT')
    }
  })

  it('counts aliases through fragments', () => {
    expect(codeOf(`{ me { ${repeat(31, (i) => `a${i}: id`)} } }`)).toBe('MAX_ALIASES_LIMIT')
    const spread = `{ me { ...F friend { ...F } friends { ...F } } } fragment F on User { ${repeat(11, (i) => `a${i}: id`)} }`
    expect(codeOf(spread)).toBe('MAX_ALIASES_LIMIT')
    expect(resolve(documents, `{ me { ${repeat(30, (i) => `a${i}: id`)} } }`).operation.type).toBe('query')
  })

  it('counts root fields through fragments', () => {
    expect(codeOf(`{ ${'version '.repeat(21)} }`)).toBe('MAX_ROOT_FIELDS_LIMIT')
    const spread = `{ ...A ...A ...A } fragment A on Query { ... { ${'version '.repeat(7)} } }`
    expect(codeOf(spread)).toBe('MAX_ROOT_FIELDS_LIMIT')
    expect(resolve(documents, `{ ${'version '.repeat(20)} }`).operation.type).toBe('query')
  })

  it('looks at every operation of a document', () => {
    const query = `query Good { version } query Bad { me { ${nested(14)} } }`
    expect(refusalOf(() => resolve(documents, { query, operationName: 'Good' })).code).toBe('MAX_DEPTH_LIMIT')
  })

  it.each([13, 18, 20, 26, 64, 90])(
    'refuses an expansion to 2^%i selections without expanding it',
    (levels) => {
      const plain = bomb(levels, (next) => `...F${next} ...F${next}`)
      const took = cpuMsOf(() => expect(codeOf(plain)).toBe('MAX_TOKENS_LIMIT'))
      expect(took).toBeLessThan(1_000)
    },
  )

  it('refuses aliased expansions', () => {
    expect(codeOf(bomb(12, (next) => `a: friend { ...F${next} } b: friend { ...F${next} }`))).toBe(
      'MAX_ALIASES_LIMIT',
    )
  })

  it('refuses 200-deep fragments and expansions beyond every number', () => {
    const wide = createFixture({ limits: { tokens: 20_000, fragments: 1000, depth: 10_000 } })
    const huge = bomb(900, (next) => `...F${next} ...F${next} ...F${next} ...F${next}`)
    expect(codeOf(huge, wide)).toBe('MAX_TOKENS_LIMIT')
    const deep = bomb(200, (next) => `friend { ...F${next} }`)
    expect(codeOf(deep, createFixture({ limits: { fragments: 300, tokens: 5000 } }))).toBe('MAX_DEPTH_LIMIT')
  })

  it('refuses fragments that contain themselves', () => {
    expect(codeOf('{ me { ...A } } fragment A on User { ...A }')).toBe('GRAPHQL_VALIDATION_FAILED')
    const cycle =
      '{ me { ...A } } fragment A on User { friend { ...B } } fragment B on User { friend { ...A } }'
    const refusal = refusalOf(() => resolve(documents, cycle))
    expect(refusal.code).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(refusal.locations).toHaveLength(1)
  })

  it('refuses unused fragments, which no operation led the limits to', () => {
    expect(codeOf('{ version } fragment A on User { ...A }')).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(codeOf(`{ version } fragment A on User { ${'friend { id } '.repeat(450)} }`)).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
  })
})

describe('cost of validation', () => {
  it.each([
    ['repeated leaf fields', `{ me { ${'id '.repeat(1990)} } }`],
    ['repeated objects', `{ me { ${'friend { id } '.repeat(490)} } }`],
    ['repeats over operations', repeat(9, (i) => `query Q${i} { me { ${'id '.repeat(200)} } }`)],
    [
      'repeats through fragments',
      `{ me { ${repeat(90, (i) => `...F${i}`)} } } ${repeat(90, (i) => `fragment F${i} on User { ${'id '.repeat(10)} }`)}`,
    ],
  ])('refuses %s before validating', (_, query) => {
    expect(codeOf(query)).toBe('MAX_TOKENS_LIMIT')
  })

  it('refuses 50 000 repeated fields and 1 500 conflicting aliases', () => {
    expect(codeOf(`{ me { ${'id '.repeat(50_000)} } }`)).toBe('MAX_TOKENS_LIMIT')
    expect(codeOf(`{ me { ${repeat(1500, (i) => `a: friends(first: ${i}) { id }`)} } }`)).toBe(
      'MAX_TOKENS_LIMIT',
    )
  })

  it('bounds the findings of one document', () => {
    const refusal = refusalOf(() => resolve(documents, `{ me { ${repeat(1000, (i) => `x${i}`)} } }`))
    expect(refusal.code).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(refusal.details?.length).toBeLessThanOrEqual(21)
  })
})

describe('introspection', () => {
  it.each([
    {},
    { inputValueDeprecation: true, specifiedByUrl: true, directiveIsRepeatable: true, oneOf: true },
  ])('answers the standard introspection query', (options) => {
    expect(resolve(documents, getIntrospectionQuery(options)).operation.name).toBe('IntrospectionQuery')
  })

  it('is bounded in depth and in lists', () => {
    const ofTypes = (levels: number): string => (levels === 0 ? 'name' : `ofType { ${ofTypes(levels - 1)} }`)
    expect(codeOf(`{ __schema { types { ${ofTypes(18)} } } }`)).toBe('MAX_DEPTH_LIMIT')
    const lists = '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }'
    expect(codeOf(lists)).toBe('GRAPHQL_VALIDATION_FAILED')
  })

  const INTROSPECTING = [
    '{ __schema { queryType { name } } }',
    '{ a: __type(name: "User") { name } }',
    '{ version ...A } fragment A on Query { ...__schema } fragment __schema on Query { __schema { queryType { name } } }',
    '{ ... on Query { ... { __schema { queryType { name } } } } }',
  ]

  it('is refused where it is switched off, however it is reached', () => {
    const closed = createFixture({ introspection: { allow: 'nobody' } })
    for (const query of INTROSPECTING) expect(codeOf(query, closed)).toBe('INTROSPECTION_DISABLED')
    expect(resolve(closed, '{ __typename me { __typename } }').operation.type).toBe('query')
    expect(resolve(closed, '{ __schema: version }').operation.type).toBe('query')
  })

  describe('in production', () => {
    const documents = createFixture({}, true)
    const asked = (query: string, scopes: readonly string[], operationName?: string) => {
      const { principal } = toAdmitted({})
      const caller = { ...principal, scopes: new Set(scopes) }
      return () =>
        documents.stage.run(
          toAdmitted({ query, ...(operationName ? { operationName } : {}) }, { principal: caller }),
        )
    }

    it.each(INTROSPECTING)('is for callers with a scope only: %s', (query) => {
      for (const scopes of [[], ['introspect'], ['introspection:read'], ['Admin']]) {
        expect(refusalOf(asked(query, scopes)).code).toBe('INTROSPECTION_DISABLED')
      }
      for (const scopes of [['introspection'], ['other', 'admin']]) expect(asked(query, scopes)).not.toThrow()
      // Neither has the document become known to everybody.
      expect(refusalOf(asked(query, [])).code).toBe('INTROSPECTION_DISABLED')
    })

    it('is judged by the operation that is asked for, not by its neighbours', () => {
      const query = 'query A { __schema { queryType { name } } } query B { version }'
      expect(asked(query, [], 'B')).not.toThrow()
      expect(refusalOf(asked(query, [], 'A')).code).toBe('INTROSPECTION_DISABLED')
    })

    it('may be opened to everybody, and is not looked at in what the operator stored', () => {
      const open = createFixture({ introspection: { allow: 'everyone' } }, true)
      expect(resolve(open, '{ __schema { queryType { name } } }').operation.type).toBe('query')
      expect(documents.resolveStored('{ __schema { queryType { name } } }').type).toBe('query')
    })
  })
})
