/** Where texts of automatic persisted queries are kept. */
import { describe, expect, it } from '@jest/globals'
import { createDocuments, createLearnedTexts } from '../../../src/documents/index.js'
import { documentsOptions } from '../../../src/documents/options.js'
import type { Resolved } from '../../../src/kernel/contexts.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { JsonObject } from '../../../src/kernel/json.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { sha256 } from '../../support/sha256.js'
import { apiSchema, toAdmitted } from './fixture.js'

const QUERY = '{ me { id } }'
const HASH = sha256(QUERY)

/** Two instances by one store, which counts what it is asked. */
function createWorld(apq: object = {}) {
  const kept = new Map<string, Buffer>()
  const asked: string[] = []
  const clock = { now: () => world.now }
  const world = { now: 0, kept, asked, isAway: false, lifetimes: [] as number[] }
  const store = {
    get: (key: string) => {
      asked.push(key)
      return Promise.resolve(world.isAway ? undefined : kept.get(key))
    },
    set: (key: string, value: Buffer, ttlSeconds: number) => {
      world.lifetimes.push(ttlSeconds)
      if (!world.isAway) kept.set(key, value)
    },
  }
  const options = documentsOptions.parse({ apq })
  const createInstance = () => {
    const learned = createLearnedTexts(options.apq, { store, clock })
    const { stage } = createDocuments(options, {
      ...{ apiSchema, logger: SILENT_LOGGER, production: false, learned, clock },
    })
    return async (sha256Hash: string, query?: string, caller: Partial<Principal> = {}): Promise<string> => {
      const extensions: JsonObject = { persistedQuery: { version: 1, sha256Hash } }
      const admitted = toAdmitted({ ...(query === undefined ? {} : { query }), extensions })
      try {
        const principal = { ...admitted.principal, ...caller }
        const resolved: Resolved = await stage.run({ ...admitted, principal })
        return resolved.operation.source
      } catch (error) {
        if (error instanceof GatewayError) return error.code
        throw error
      }
    }
  }
  return { world, one: createInstance(), other: createInstance() }
}

describe('texts that instances share', () => {
  it('are learned by one, known to all, and asked of the store once', async () => {
    const { world, one, other } = createWorld({ ttlSeconds: 60 })
    expect(await one(HASH)).toBe('PERSISTED_QUERY_NOT_FOUND')
    expect(await one(HASH, QUERY)).toBe(QUERY)
    world.asked.length = 0

    expect([await other(HASH), await other(HASH), await other(HASH)]).toEqual([QUERY, QUERY, QUERY])
    expect(await one(HASH)).toBe(QUERY)

    expect(world.asked).toEqual([`apq:${HASH}`])
    expect(world.lifetimes).toEqual([60])
  })

  it('are believed only under their own hash, and within their size', async () => {
    const { world, one } = createWorld({ maxTextBytes: 100 })
    const long = `{ me { id } } # ${'x'.repeat(100)}`
    world.kept.set(`apq:${HASH}`, Buffer.from('{ me { id name } }'))
    world.kept.set(`apq:${sha256(long)}`, Buffer.from(long))

    expect([await one(HASH), await one(sha256(long))]).toEqual([
      'PERSISTED_QUERY_NOT_FOUND',
      'PERSISTED_QUERY_NOT_FOUND',
    ])
    // Who has the text puts it right.
    expect(await one(HASH, QUERY)).toBe(QUERY)
    expect(world.kept.get(`apq:${HASH}`)?.toString()).toBe(QUERY)
  })

  it('are validated and limited as if the client had sent them', async () => {
    const { world, one } = createWorld()
    for (const bad of ['{ nope }', '{']) world.kept.set(`apq:${sha256(bad)}`, Buffer.from(bad))

    expect([await one(sha256('{ nope }')), await one(sha256('{'))]).toEqual([
      'GRAPHQL_VALIDATION_FAILED',
      'GRAPHQL_PARSE_FAILED',
    ])
    expect(await one(sha256('{ nope }'), '{ nope }')).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(world.lifetimes).toEqual([])
  })

  it.each([HASH.toUpperCase(), `${HASH} `, 'x', '__proto__', '*', `${HASH}\r\nFLUSHALL`])(
    'the store is not asked for %j, which no text has',
    async (hash) => {
      const { world, one } = createWorld()
      await one(HASH, QUERY)

      expect(await one(hash)).toBe('PERSISTED_QUERY_NOT_FOUND')
      expect(await one(hash, QUERY)).toBe('PERSISTED_QUERY_HASH_MISMATCH')
      expect(world.asked).toEqual([])
    },
  )

  it('cost texts sent once more while the store is away, and nothing else', async () => {
    const { world, one, other } = createWorld()
    world.isAway = true
    expect([await one(HASH), await one(HASH, QUERY), await one(HASH)]).toEqual([
      'PERSISTED_QUERY_NOT_FOUND',
      QUERY,
      QUERY,
    ])
    expect([await other(HASH), await other(HASH, QUERY), await other(HASH)]).toEqual([
      'PERSISTED_QUERY_NOT_FOUND',
      QUERY,
      QUERY,
    ])
  })

  it('stay in the process where they are not to be shared', async () => {
    const { world, one, other } = createWorld({ shared: false })
    await one(HASH, QUERY)

    expect([await one(HASH), await other(HASH)]).toEqual([QUERY, 'PERSISTED_QUERY_NOT_FOUND'])
    expect([world.asked, world.lifetimes]).toEqual([[], []])
  })
})

describe('who may register', () => {
  it('not anonymous callers, where it is so said; their texts run', async () => {
    const { world, one } = createWorld({ learnFrom: 'identified' })
    expect([await one(HASH, QUERY), await one(HASH)]).toEqual([QUERY, 'PERSISTED_QUERY_NOT_FOUND'])
    expect(world.lifetimes).toEqual([])

    expect(await one(HASH, QUERY, { kind: 'user', key: 'user:u-1' })).toBe(QUERY)
    expect(await one(HASH)).toBe(QUERY)
  })

  it('each caller so many texts a minute, and further ones run', async () => {
    const { world, one } = createWorld({ registrationsPerMinute: 10 })
    const text = (index: number) => `{ me { id } } # ${String(index)}`
    const register = (index: number, key: string) =>
      one(sha256(text(index)), text(index), { kind: 'user', key })
    for (let index = 0; index < 20; index += 1) expect(await register(index, 'user:u-1')).toBe(text(index))

    expect(world.lifetimes).toHaveLength(10)
    expect([await one(sha256(text(9))), await one(sha256(text(10)))]).toEqual([
      text(9),
      'PERSISTED_QUERY_NOT_FOUND',
    ])
    await register(20, 'user:u-2')
    expect(world.lifetimes).toHaveLength(11)
    world.now = 60_000
    await register(21, 'user:u-1')
    expect(world.lifetimes).toHaveLength(12)
  })

  it('nobody so much that what others use goes', async () => {
    const { one } = createWorld({ shared: false, bytes: 100_000, registrationsPerMinute: 1_000_000 })
    await one(HASH, QUERY)
    await one(HASH)
    for (let index = 0; index < 2_000; index += 1) {
      const text = `{ me { id } } # ${String(index)} ${'x'.repeat(100)}`
      await one(sha256(text), text)
    }

    expect(await one(HASH)).toBe(QUERY)
  })
})
