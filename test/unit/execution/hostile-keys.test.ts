import { afterEach, describe, expect, it } from '@jest/globals'
import { createBench, fetchNode, flatten, entityNode, parallel, sequence, supergraphOf } from './world.js'

/** CVE-2026-32621, CVE-2026-104852: keys of built-in objects as aliases and in subgraph data. */
const SHOP = supergraphOf(`
  type Thing { id: ID! call: String name: String list: [Thing] }
  type Query { thing: Thing a: Int }
`)
const KEYS = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf'] as const
const ownKeysBefore = [Object.prototype, Function.prototype, Array.prototype].map((object) =>
  Reflect.ownKeys(object),
)
const callBefore = Object.getOwnPropertyDescriptor(Function.prototype, 'call')?.value as unknown

afterEach(() => {
  const now = [Object.prototype, Function.prototype, Array.prototype].map((object) => Reflect.ownKeys(object))
  expect(now).toEqual(ownKeysBefore)
  expect(Object.getOwnPropertyDescriptor(Function.prototype, 'call')?.value).toBe(callBefore)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

/** JSON text, since an object literal with `__proto__` would set the prototype. */
function json(text: string): never {
  return JSON.parse(text) as never
}

describe.each(KEYS)('the key %s', (key) => {
  it('as an alias of two colliding subgraphs stays a key', async () => {
    const bench = createBench(SHOP, {
      one: { data: json(`{"${key}":{"id":"1","call":"x","polluted":true}}`) },
      two: { data: json(`{"${key}":{"name":"n","${key}":{"polluted":true}}}`) },
    })
    const body = await bench.answer({
      node: parallel(fetchNode('one', '{a}'), fetchNode('two', '{a}')),
      query: `{ ${key}: thing { id call name } }`,
    })
    expect(JSON.stringify(body)).toBe(`{"data":{"${key}":{"id":"1","call":"x","name":"n"}}}`)
  })

  it('in entities, paths and nested aliases stays a key', async () => {
    const bench = createBench(SHOP, {
      one: { data: json(`{"${key}":{"__typename":"Thing","id":"1"}}`) },
      two: { data: json(`{"_entities":[{"${key}":"n","polluted":{"polluted":1}}]}`) },
    })
    const body = await bench.answer({
      node: sequence(fetchNode('one', '{a}'), flatten(key, entityNode('two', 'Thing', `${key}:name`))),
      query: `{ ${key}: thing { ${key}: name } }`,
    })
    expect(JSON.stringify(body)).toBe(`{"data":{"${key}":{"${key}":"n"}}}`)
  })

  it('is not found where the data has no such key', async () => {
    const bench = createBench(SHOP, { one: { data: {} } })
    const body = await bench.answer({
      node: sequence(fetchNode('one', '{a}'), flatten(key, entityNode('two', 'Thing', 'name'))),
      query: `{ ${key}: thing { name } }`,
      variables: {},
    })
    expect(bench.calls).toHaveLength(1)
    expect(JSON.stringify(body)).toBe(`{"data":{"${key}":null}}`)
  })

  it('renamed or set by a rewrite stays a key', async () => {
    const path = [{ kind: 'key', key: 'a' }] as const
    const bench = createBench(SHOP, { one: { data: { a: { polluted: 1 } } } })
    const { data } = await bench.fetch({
      node: fetchNode('one', '{a}', {
        outputRewrites: [
          { kind: 'renameKey', path, to: key },
          {
            kind: 'setValue',
            path: [
              { kind: 'key', key },
              { kind: 'key', key },
            ],
            value: { polluted: 2 },
          },
        ],
      }),
    })
    expect(JSON.stringify(data)).toBe(`{"${key}":{"polluted":1,"${key}":{"polluted":2}}}`)
  })
})
