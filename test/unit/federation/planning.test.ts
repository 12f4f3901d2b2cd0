import { describe, expect, it, jest } from '@jest/globals'
import type { Charged } from '../../../src/kernel/contexts.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { QueryPlan } from '../../../src/kernel/query-plan.js'
import { createPlanning } from '../../../src/federation/index.js'
import { PlanCache } from '../../../src/federation/planning/plan-cache.js'
import { planBytes } from '../../../src/federation/planning/plan-size.js'
import { makeOptions, makeRecord, shop } from './graphs.js'

const record = makeRecord('{ book { title } }')

/** With the places for what later stations fill, as a received context has them. */
function charged(permitted: OperationRecord | null): Charged {
  return { permitted, variables: {}, plan: undefined, planVariables: undefined } as unknown as Charged
}

const planShop = () =>
  createPlanning(makeOptions({ planner: 'native' }), { supergraph: shop, logger: SILENT_LOGGER })

describe('the stage plan', () => {
  it('waits for the first plan of an operation and for no other', async () => {
    const { stage } = await planShop()
    const first = stage.run(charged(record))
    expect(first).toBeInstanceOf(Promise)
    const { plan } = await first
    const second = stage.run(charged(makeRecord(record.source)))
    expect(second).toEqual({ permitted: expect.anything(), variables: {}, plan, planVariables: {} })
    expect((second as { plan: QueryPlan }).plan).toBe(plan)
  })

  it('has one plan for operations that differ in literals and names, with the values of each', async () => {
    const { stage } = await planShop()
    const run = async (source: string, variables: object) =>
      stage.run({ ...charged(makeRecord(source)), variables } as Charged)
    const one = await run('{ book(id: 1) { stars(of: 5) } }', {})
    const other = await run('query Q($of: Int!) { book(id: "p-93") { stars(of: $of) } }', { of: 10 })
    expect(other.plan).toBe(one.plan)
    expect([one, other].map(({ planVariables }) => planVariables)).toEqual([
      { v0: '1', v1: 5 },
      { v0: 'p-93', v1: 10 },
    ])
  })

  it('fetches nothing where nothing is permitted', async () => {
    const { stage } = await planShop()
    expect(stage.run(charged(null))).toMatchObject({ permitted: null, plan: { node: undefined } })
  })

  it('is synchronous for what was warmed, and warming survives what cannot be planned', async () => {
    const { stage, warm } = await planShop()
    await warm([makeRecord('subscription { rated { id } }'), record])
    expect(stage.run(charged(record))).toMatchObject({ plan: { node: { kind: 'Fetch' } } })
  })

  it('refuses with a masked message, keeps the cause, and remembers the failure', async () => {
    const { stage } = await planShop()
    const bad = makeRecord('{ book { nowhere } }')
    const failure = await Promise.resolve(stage.run(charged(bad))).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'QUERY_PLANNING_FAILED',
      message: 'The operation could not be planned.',
    })
    expect(String((failure as Error).cause)).toContain('nowhere')
    expect(() => stage.run(charged(bad))).toThrow(failure)
  })

  it('rejects a supergraph that cannot be planned for', async () => {
    const supergraph = { ...shop, sdl: 'type Query {' }
    const options = makeOptions({ planner: 'native' })
    await expect(createPlanning(options, { supergraph, logger: SILENT_LOGGER })).rejects.toThrow('parse')
  })
})

describe('the plan cache', () => {
  const toFailure = (cause: unknown): GatewayError =>
    new GatewayError('QUERY_PLANNING_FAILED', 'no', { cause })
  const plan: QueryPlan = { node: undefined }

  it('makes a plan once, however many wait for it', async () => {
    const cache = new PlanCache({ maxEntries: 10, maxBytes: 10_000 })
    const make = jest.fn(() => Promise.resolve(plan))
    await Promise.all([cache.get('a', make, toFailure), cache.get('a', make, toFailure)])
    expect(cache.get('a', make, toFailure)).toBe(plan)
    expect(make).toHaveBeenCalledTimes(1)
  })

  it('fails once for all who wait', async () => {
    const cache = new PlanCache({ maxEntries: 10, maxBytes: 10_000 })
    const make = jest.fn(() => Promise.reject(new Error('why')))
    const results = await Promise.allSettled([
      cache.get('a', make, toFailure),
      cache.get('a', make, toFailure),
    ])
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected'])
    expect(() => cache.get('a', make, toFailure)).toThrow('no')
    expect(make).toHaveBeenCalledTimes(1)
  })

  it('is bounded by entries', async () => {
    const cache = new PlanCache({ maxEntries: 2, maxBytes: 10_000 })
    const make = jest.fn(() => Promise.resolve(plan))
    for (const hash of ['a', 'b', 'c', 'a']) await cache.get(hash, make, toFailure)
    expect(make).toHaveBeenCalledTimes(4)
  })

  it('is bounded by bytes', async () => {
    const { plan: big } = await (await planShop()).plan(record)
    const cache = new PlanCache({ maxEntries: 100, maxBytes: Math.floor(1.5 * planBytes(big)) })
    const make = jest.fn(() => Promise.resolve(big))
    for (const hash of ['a', 'b', 'a']) await cache.get(hash, make, toFailure)
    expect(make).toHaveBeenCalledTimes(3)
  })

  it('counts what execution compiles from a plan, too', () => {
    const text = 'x'.repeat(1_000)
    const plan = { node: { kind: 'Fetch', operation: text } } as unknown as QueryPlan
    // Two bytes a character for the plan; measured, its compiled program takes 2.7 times that.
    expect(planBytes(plan)).toBeGreaterThan(3.7 * 2 * text.length)
  })
})
