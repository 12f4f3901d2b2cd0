import { describe, expect, it } from '@jest/globals'
import type { JsonObject } from '../../../src/kernel/json.js'
import { sha256 } from '../../support/sha256.js'
import { createFixture, refusalOf, resolve } from './fixture.js'

const query = '{ me { id } }'
const persisted = (sha256Hash: string, version = 1): { extensions: JsonObject } => ({
  extensions: { persistedQuery: { version, sha256Hash } },
})

describe('automatic persisted queries', () => {
  it('asks for an unknown text once, then takes the hash', () => {
    const documents = createFixture()
    const hash = sha256(query)
    const refusal = refusalOf(() => resolve(documents, persisted(hash)))
    expect(refusal).toMatchObject({
      code: 'PERSISTED_QUERY_NOT_FOUND',
      message: 'PersistedQueryNotFound',
      status: 200,
    })
    expect(refusal.headers?.['cache-control']).toContain('no-cache')
    const learned = resolve(documents, { query, ...persisted(hash) }).operation
    expect(resolve(documents, persisted(hash)).operation).toBe(learned)
    expect(resolve(documents, { query, ...persisted(hash) }).operation).toBe(learned)
    expect(resolve(documents, query).operation).toBe(learned)
  })

  it('refuses a hash that is not that of the text, also where one of them is known', () => {
    const documents = createFixture()
    resolve(documents, { query, ...persisted(sha256(query)) })
    for (const request of [
      { query, ...persisted(sha256('{ version }')) },
      { query: '{ version }', ...persisted(sha256(query)) },
      { query, ...persisted('abc') },
    ]) {
      expect(refusalOf(() => resolve(documents, request)).code).toBe('PERSISTED_QUERY_HASH_MISMATCH')
    }
    expect(resolve(documents, persisted(sha256(query))).operation.source).toBe(query)
  })

  it('learns no document that is refused', () => {
    const documents = createFixture()
    const bad = '{ nope }'
    expect(refusalOf(() => resolve(documents, { query: bad, ...persisted(sha256(bad)) })).code).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect(refusalOf(() => resolve(documents, persisted(sha256(bad)))).code).toBe('PERSISTED_QUERY_NOT_FOUND')
  })

  it('holds hashed mutations to the same rules', () => {
    const documents = createFixture()
    const mutation = 'mutation { rename(name: "x") { id } }'
    resolve(documents, { query: mutation, ...persisted(sha256(mutation)) })
    expect(refusalOf(() => resolve(documents, { ...persisted(sha256(mutation)), readOnly: true })).code).toBe(
      'METHOD_NOT_ALLOWED',
    )
  })

  it.each([
    { persistedQuery: 'x' },
    { persistedQuery: [] },
    { persistedQuery: { version: 2, sha256Hash: sha256(query) } },
    { persistedQuery: { version: 1 } },
    { persistedQuery: { version: 1, sha256Hash: 5 } },
  ])('refuses the malformed %j', (extensions) => {
    expect(refusalOf(() => resolve(createFixture(), { query, extensions })).code).toBe('BAD_REQUEST')
  })

  it('tells clients to stop where it is switched off, and ignores the hash beside a text', () => {
    const documents = createFixture({ apq: { enabled: false } })
    expect(refusalOf(() => resolve(documents, persisted(sha256(query))))).toMatchObject({
      code: 'BAD_REQUEST',
      message: 'PersistedQueryNotSupported',
    })
    expect(resolve(documents, { query, ...persisted('abc') }).operation.source).toBe(query)
  })
})
