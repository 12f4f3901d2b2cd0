import { describe, expect, it } from '@jest/globals'
import { createFixture, refusalOf, resolve, toAdmitted } from './fixture.js'

const documents = createFixture()

describe('parsing and validation', () => {
  it.each([undefined, ''])('refuses a request without document (%p)', (query) => {
    expect(refusalOf(() => resolve(documents, query === undefined ? {} : { query })).code).toBe('BAD_REQUEST')
  })

  it('says where a document does not parse', () => {
    const refusal = refusalOf(() => resolve(documents, '{ me {\n  id }'))
    expect(refusal.code).toBe('GRAPHQL_PARSE_FAILED')
    expect(refusal.status).toBe(400)
    expect(refusal.locations).toEqual([{ line: 2, column: 7 }])
  })

  it('does not echo a megabyte', () => {
    const refusal = refusalOf(() => resolve(documents, `{ me ${JSON.stringify('x'.repeat(1_000_000))} }`))
    expect(refusal.code).toBe('GRAPHQL_PARSE_FAILED')
    expect(refusal.message.length).toBeLessThan(500)
  })

  it('gives every finding its place', () => {
    const refusal = refusalOf(() => resolve(documents, '{ nope\n me { nam } }'))
    expect(refusal.code).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(refusal.details).toEqual([
      { message: 'Cannot query field "nope" on type "Query".', locations: [{ line: 1, column: 3 }] },
      { message: 'Cannot query field "nam" on type "User".', locations: [{ line: 2, column: 7 }] },
    ])
  })

  it('says that there is no incremental delivery', () => {
    const refusal = refusalOf(() =>
      resolve(documents, '{ me { ... @defer { name } friends @stream { id } friend @other { id } } }'),
    )
    expect(refusal.code).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(refusal.details?.map(({ message }) => message)).toEqual([
      'Incremental delivery is not supported by this gateway: @defer has to be left out.',
      'Incremental delivery is not supported by this gateway: @stream has to be left out.',
      'Unknown directive "@other".',
    ])
  })

  it('refuses a subscription whose directives cannot be read, over which graphql-js throws', () => {
    for (const directive of ['@skip', '@include', '@skip(if: 3)', '@include(if: null)']) {
      const refusal = refusalOf(() => resolve(documents, `subscription { renamed ${directive} { id } }`))
      expect(refusal.code).toBe('GRAPHQL_VALIDATION_FAILED')
      expect(refusal.details).toHaveLength(1)
    }
  })

  it('suggests names only where that is switched on', () => {
    const open = createFixture({ suggestions: true })
    const messageOf = (fixture: typeof open): string =>
      refusalOf(() => resolve(fixture, '{ me { nam } }')).details?.[0]?.message ?? ''
    expect(messageOf(open)).toContain('Did you mean "name"')
    expect(messageOf(documents)).not.toContain('Did you mean')
  })

  it('refuses type definitions', () => {
    expect(refusalOf(() => resolve(documents, '{ version } type User { id: ID }')).code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect(refusalOf(() => resolve(documents, 'type User { id: ID }')).code).toBe('GRAPHQL_VALIDATION_FAILED')
  })
})

describe('the operation of a document', () => {
  const query = 'query A { version } query B { me { id } } mutation C { rename(name: "x") { id } }'

  it('is chosen by name', () => {
    expect(resolve(documents, { query, operationName: 'B' }).operation.name).toBe('B')
    expect(resolve(documents, { query, operationName: 'C' }).operation.type).toBe('mutation')
  })

  it.each([undefined, 'D', '', '__proto__'])('is not resolved by %p', (operationName) => {
    const request = operationName === undefined ? { query } : { query, operationName }
    expect(refusalOf(() => resolve(documents, request)).code).toBe('OPERATION_RESOLUTION_FAILURE')
  })

  it('needs no name where there is one, but not a wrong one', () => {
    expect(resolve(documents, 'query A { version }').operation.name).toBe('A')
    expect(refusalOf(() => resolve(documents, { query: '{ version }', operationName: 'A' })).code).toBe(
      'OPERATION_RESOLUTION_FAILURE',
    )
  })

  it('is the same record for the same text, and another one for another operation', () => {
    const first = resolve(documents, { query, operationName: 'A' }).operation
    expect(resolve(documents, { query, operationName: 'A' }).operation).toBe(first)
    const second = resolve(documents, { query, operationName: 'B' }).operation
    expect(second).not.toBe(first)
    expect(second.hash).not.toBe(first.hash)
    expect(first.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is the same record with and without its name', () => {
    const named = { query: 'query A { version }', operationName: 'A' }
    expect(resolve(documents, named).operation).toBe(resolve(documents, named.query).operation)
  })

  it('must be a query for GET', () => {
    for (const text of ['mutation { rename(name: "x") { id } }', 'subscription { renamed { id } }']) {
      const refusal = refusalOf(() => resolve(documents, { query: text, readOnly: true }))
      expect(refusal.code).toBe('METHOD_NOT_ALLOWED')
      expect(refusal.headers).toEqual({ allow: 'POST' })
    }
    expect(refusalOf(() => resolve(documents, { query, operationName: 'C', readOnly: true })).code).toBe(
      'METHOD_NOT_ALLOWED',
    )
    expect(resolve(documents, { query, operationName: 'A', readOnly: true }).operation.name).toBe('A')
  })
})

describe('stored operations', () => {
  const deep = `query Deep($id: ID!) { user(id: $id) { ${'friend { '.repeat(20)} id ${'} '.repeat(20)} } }`

  it('are not held to the limits of clients', () => {
    const stored = documents.resolveStored(deep)
    expect(stored.name).toBe('Deep')
    expect(refusalOf(() => resolve(documents, deep)).code).toBe('MAX_DEPTH_LIMIT')
  })

  it('run with coerced variables and need no text', () => {
    const stored = documents.resolveStored(deep)
    const run = (variables: { id?: number }) => documents.stage.run(toAdmitted({ variables }, { stored }))
    expect(run({ id: 7 })).toMatchObject({ operation: stored, variables: { id: '7' } })
    expect(refusalOf(() => run({})).code).toBe('BAD_USER_INPUT')
  })

  it('are validated, and chosen by name', () => {
    expect(refusalOf(() => documents.resolveStored('{ nope }')).code).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(refusalOf(() => documents.resolveStored('{ me {')).code).toBe('GRAPHQL_PARSE_FAILED')
    const two = 'query A { version } query B { version }'
    expect(documents.resolveStored(two, 'B').name).toBe('B')
    expect(refusalOf(() => documents.resolveStored(two)).code).toBe('OPERATION_RESOLUTION_FAILURE')
  })
})

describe('the memo', () => {
  it('remembers refusals', () => {
    const first = refusalOf(() => resolve(documents, '{ unknown1 }'))
    expect(refusalOf(() => resolve(documents, '{ unknown1 }'))).toBe(first)
  })

  it('keeps good documents while bad ones flood in', () => {
    const small = createFixture({ memo: { bytes: 200_000, failureBytes: 50_000 } })
    const good = resolve(small, '{ me { id } }').operation
    for (let i = 0; i < 500; i += 1) refusalOf(() => resolve(small, `{ unknown${i} }`))
    expect(resolve(small, '{ me { id } }').operation).toBe(good)
  })

  it('is bounded in bytes: the least recently used document goes', () => {
    const small = createFixture({ memo: { bytes: 200_000 } })
    const first = resolve(small, '{ me { id } }').operation
    for (let i = 0; i < 100; i += 1) resolve(small, `query Q${i} { me { id } }`)
    expect(resolve(small, '{ me { id } }').operation).not.toBe(first)
  })

  it('keeps a document that was asked for again while others flood in that never are', () => {
    const small = createFixture({ memo: { bytes: 200_000 } })
    const first = resolve(small, '{ me { id } }').operation
    expect(resolve(small, '{ me { id } }').operation).toBe(first)
    for (let i = 0; i < 500; i += 1) resolve(small, `query Q${i} { me { id } }`)
    expect(resolve(small, '{ me { id } }').operation).toBe(first)
  })

  it('may be switched off', () => {
    const none = createFixture({ memo: { bytes: 0, failureBytes: 0 } })
    const first = resolve(none, '{ me { id } }').operation
    expect(resolve(none, '{ me { id } }').operation).not.toBe(first)
    expect(refusalOf(() => resolve(none, '{ nope }')).code).toBe('GRAPHQL_VALIDATION_FAILED')
  })
})
