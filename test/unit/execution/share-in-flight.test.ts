import { describe, expect, it, jest } from '@jest/globals'
import { Deadline } from '../../../src/kernel/deadline.js'
import type { Planned } from '../../../src/kernel/contexts.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { createBench, fetchNode, plannedOf, supergraphOf, type Bench, type Script } from './world.js'

const SHOP = supergraphOf('type Query { a: Int b: Int } type Mutation { a: Int }')
const QUERY = { node: fetchNode('shop', '{a}', { variables: ['x'] }), query: '{ a }' }
/** A bench whose subgraph answers when it is told to. */
function heldBench(options: Parameters<typeof createBench>[2] = {}) {
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  const script: Script = async () => {
    await gate
    return { data: { a: 1 } }
  }
  return { bench: createBench(SHOP, { shop: script }, options), release: () => release() }
}

const planned = plannedOf(QUERY)

function again(changes: Partial<Planned> = {}): Planned {
  return { ...planned, deadline: new Deadline(10_000), ...changes }
}

async function answerOf(bench: Bench, context: Planned): Promise<string> {
  return (await bench.run(context)).answer.text
}

describe('equal queries in flight', () => {
  it('are run once, and each gets the answer', async () => {
    const { bench, release } = heldBench()
    const runs = [again(), again(), again()].map((context) => bench.run(context))
    release()
    const answers = (await Promise.all(runs)).map(({ answer }) => answer)
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 3 }, () => '{"data":{"a":1}}'))
    // Encoded once for all of them.
    expect(answers.map(({ payload }) => payload)).toEqual(answers.map(({ text }) => Buffer.from(text)))
    expect(new Set(answers.map(({ payload }) => payload)).size).toBe(1)
    expect(bench.calls).toHaveLength(1)
    // Nothing is remembered: the next one asks again.
    expect(await answerOf(bench, again())).toBe('{"data":{"a":1}}')
    expect(bench.calls).toHaveLength(2)
  })

  const other: Principal = { ...planned.principal }
  it.each<[string, Partial<Planned>]>([
    ['another caller, however alike', { principal: other }],
    ['another address', { client: { address: '127.0.0.2' } }],
    ['other variables', { planVariables: { x: 2 } }],
    ['another operation', { permitted: { ...planned.operation, hash: 'other' } }],
    ['a mutation', { permitted: { ...planned.operation, type: 'mutation' } }],
  ])('do not meet those of %s', async (_what, changes) => {
    const { bench, release } = heldBench()
    const answers = [again(), again(changes)].map((context) => answerOf(bench, context))
    release()
    await Promise.all(answers)
    expect(bench.calls).toHaveLength(2)
  })

  it('do not meet where sharing is off', async () => {
    const { bench, release } = heldBench({ shareInFlight: false })
    const answers = [again(), again()].map((context) => answerOf(bench, context))
    release()
    await Promise.all(answers)
    expect(bench.calls).toHaveLength(2)
  })

  it('with other variables for the parts that need no subgraph get answers of their own', async () => {
    const { bench, release } = heldBench()
    const query = 'query($x: Boolean!) { a t: __typename @include(if: $x) }'
    const { operation } = plannedOf({ ...QUERY, query })
    const answers = [true, false].map((x) =>
      answerOf(bench, again({ operation, permitted: operation, variables: { x } })),
    )
    release()
    expect(await Promise.all(answers)).toEqual(['{"data":{"a":1,"t":"Query"}}', '{"data":{"a":1}}'])
    expect(bench.calls).toHaveLength(1)
  })

  it('go on for the others when one leaves, the first one too', async () => {
    const { bench, release } = heldBench()
    const [first, second] = [again(), again()]
    const leaving = answerOf(bench, first)
    const staying = answerOf(bench, second)
    first.deadline.end('client-left')
    await expect(leaving).rejects.toMatchObject({ code: 'REQUEST_CANCELLED' })
    expect(bench.calls[0]?.caller.deadline.ended).toBeUndefined()
    release()
    expect(await staying).toBe('{"data":{"a":1}}')
  })

  it('end when the last one leaves, and nobody joins what has ended', async () => {
    const { bench, release } = heldBench()
    const contexts = [again(), again()]
    const answers = contexts.map((context) => answerOf(bench, context))
    const refusals = answers.map((answer) => expect(answer).rejects.toMatchObject({ code: 'SHUTTING_DOWN' }))
    for (const { deadline } of contexts) deadline.end('shutdown')
    await Promise.all(refusals)
    expect(bench.calls[0]?.caller.deadline.ended).toBe('shutdown')
    const next = answerOf(bench, again())
    expect(bench.calls).toHaveLength(2)
    release()
    expect(await next).toBe('{"data":{"a":1}}')
  })

  it('do not join what was under way before a mutation of the same caller was answered', async () => {
    let release = (): void => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const bench = createBench(SHOP, {
      shop: async ({ query }) => {
        if (!query.startsWith('mutation')) await gate
        return { data: { a: 1 } }
      },
    })
    const mutation = plannedOf({ node: fetchNode('shop', 'mutation{a}'), query: 'mutation { a }' })
    const before = answerOf(bench, again())
    await answerOf(bench, { ...mutation, principal: planned.principal })
    const after = answerOf(bench, again())
    expect(bench.bodies.map(({ query }) => query)).toEqual(['{a}', 'mutation{a}', '{a}'])
    release()
    expect(await Promise.all([before, after])).toEqual(['{"data":{"a":1}}', '{"data":{"a":1}}'])
  })

  it('do not join what has been under way for half a second', async () => {
    const { bench, release } = heldBench()
    const now = performance.now.bind(performance)
    const first = answerOf(bench, again())
    const moved = jest.spyOn(performance, 'now').mockImplementation(() => now() + 510)
    const later = [answerOf(bench, again()), answerOf(bench, again())]
    moved.mockRestore()
    expect(bench.calls).toHaveLength(2)
    release()
    await Promise.all([first, ...later])
  })

  it('share a failure', async () => {
    const bench = createBench(SHOP, { shop: new Error('down') })
    const answers = await Promise.all([again(), again()].map((context) => answerOf(bench, context)))
    expect(bench.calls).toHaveLength(1)
    for (const answer of answers) expect(answer).toContain('INTERNAL_SERVER_ERROR')
  })
})
