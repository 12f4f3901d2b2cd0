import { afterEach, describe, expect, it, jest } from '@jest/globals'
import type { Charged } from '../../../src/kernel/contexts.js'
import { Deadline, type EndReason } from '../../../src/kernel/deadline.js'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { QueryPlan } from '../../../src/kernel/query-plan.js'
import { createPlanning, type Planning } from '../../../src/federation/index.js'
import { makeOptions, makeRecord, shop } from './graphs.js'

const record = makeRecord('{ book { title } }')

/** With the places for what later stations fill, as a received context has them. */
function charged(permitted: OperationRecord | null): Charged {
  const filled = { permitted, variables: {}, deadline: new Deadline(10_000), requestId: 'r', principal: {} }
  return { ...filled, plan: undefined, planVariables: undefined } as unknown as Charged
}

const opened: Planning[] = []

async function planShop(options: Record<string, unknown> = { planner: 'native' }): Promise<Planning> {
  const planning = await createPlanning(makeOptions(options), { supergraph: shop, logger: SILENT_LOGGER })
  opened.push(planning)
  return planning
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((planning) => planning.close()))
})

describe('the stage plan', () => {
  it('waits for the first plan of an operation and for no other', async () => {
    const { stage } = await planShop()
    const first = stage.run(charged(record))
    expect(first).toBeInstanceOf(Promise)
    const { plan } = await first
    const second = stage.run(charged(makeRecord(record.source)))
    expect(second).toMatchObject({ variables: {}, planVariables: {} })
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

  it.each<[EndReason, string]>([
    ['client-left', 'REQUEST_CANCELLED'],
    ['shutdown', 'SHUTTING_DOWN'],
  ])('does not keep a request that has ended (%s), but makes its plan', async (reason, code) => {
    const { stage } = await planShop({ planner: 'apollo' })
    const context = charged(record)
    const waiting = stage.run(context)
    const refused = expect(waiting).rejects.toMatchObject({ code })
    context.deadline.end(reason)
    await refused
    expect(await stage.run(charged(record))).toMatchObject({ plan: { node: { kind: 'Fetch' } } })
  })

  it('does not keep a request beyond its deadline', async () => {
    const { stage } = await planShop({ planner: 'apollo' })
    let now = 0
    const late = { ...charged(record), deadline: new Deadline(10, () => now) }
    jest.useFakeTimers()
    const refused = expect(stage.run(late)).rejects.toMatchObject({ code: 'GATEWAY_TIMEOUT' })
    // Before anything can come from the planner's thread.
    now = 11
    jest.advanceTimersByTime(11)
    jest.useRealTimers()
    await refused
  })

  it("refuses after it was closed, and ends Apollo's planner", async () => {
    const { stage, close } = await planShop({ planner: 'apollo' })
    await close()
    await expect(stage.run(charged(record))).rejects.toMatchObject({
      code: 'QUERY_PLANNING_FAILED',
      cause: { reason: 'closed' },
    })
  })

  it('refuses what takes too long to plan, for the time being', async () => {
    const { stage } = await planShop({ planner: 'apollo', planning: { timeoutMs: 1 } })
    // Thousands of ways to nest the same fields: planning takes far more than a millisecond.
    const fields = Array.from({ length: 60 }, (_, index) => `b${index}: book(id: ${index}) { stars effort }`)
    await expect(stage.run(charged(makeRecord(`{ ${fields.join(' ')} }`)))).rejects.toMatchObject({
      code: 'QUERY_PLANNING_FAILED',
      cause: { reason: 'timeout' },
    })
  })

  it('refuses when too many new operations wait', async () => {
    const { stage } = await planShop({ planner: 'native', planning: { maxWaiting: 0 } })
    const runs = await Promise.allSettled(
      ['title', 'pages', 'stars', 'effort'].map(async (field) =>
        stage.run(charged(makeRecord(`{ books { ${field} } }`))),
      ),
    )
    expect(
      runs.map((run) => (run.status === 'rejected' ? (run.reason as Error).message : run.status)),
    ).toEqual([
      'fulfilled',
      'fulfilled',
      'Too many new operations are waiting to be planned.',
      'Too many new operations are waiting to be planned.',
    ])
    expect(runs[3]).toMatchObject({
      reason: { code: 'REQUEST_CONCURRENCY_LIMITED', headers: { 'retry-after': '1' } },
    })
  })

  it('forgets operations that were asked once, and keeps those that are used', async () => {
    const { stage } = await planShop({ planner: 'native', planCache: { maxBytes: 64 * 1024 } })
    const run = async (source: string) => stage.run(charged(makeRecord(source)))
    const isKnown = (source: string) => !(stage.run(charged(makeRecord(source))) instanceof Promise)
    for (const source of [record.source, record.source]) await run(source)
    for (let index = 0; index < 200; index += 1) await run(`{ once${index}: book { title } }`)
    expect(isKnown(record.source)).toBe(true)
    expect(isKnown('{ once199: book { title } }')).toBe(true)
    expect(isKnown('{ once0: book { title } }')).toBe(false)
  })

  it('rejects a supergraph that cannot be planned for', async () => {
    const supergraph = { ...shop, sdl: 'type Query {' }
    const options = makeOptions({ planner: 'native' })
    await expect(createPlanning(options, { supergraph, logger: SILENT_LOGGER })).rejects.toThrow('parse')
  })
})
