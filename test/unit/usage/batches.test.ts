import { describe, expect, it } from '@jest/globals'
import type { UsageBatch, UsageStore } from '../../../src/kernel/ports/usage-store.js'
import { createMemoryUsageStore } from '../../../src/infra/memory-usage-store.js'
import { Batches } from '../../../src/usage/batches.js'
import { createToday } from '../../../src/usage/calendar.js'
import { Tally } from '../../../src/usage/tally.js'
import { createKeepingLogger } from '../../support/small-server.js'
import { usageRow } from '../../support/usage-store-cases.js'
import { clockAt } from './moved-clock.js'

const ALL = { from: '0001-01-01', to: '9999-12-31' }

/** `fail` is asked before each batch is added, and `lose` after it. */
function createWorld({ outbox = false, flushIntervalMs = 1, isSpoilt = (): boolean => false } = {}) {
  const kept = createMemoryUsageStore()
  const sent: UsageBatch[] = []
  const boxed: UsageBatch[] = []
  const faults = { before: 0, after: 0 }
  const store: UsageStore = {
    ...kept,
    add: async (batch) => {
      sent.push(batch)
      if (faults.before > 0 && faults.before--) throw new Error('The store is away.')
      await kept.add(batch)
      if (faults.after > 0 && faults.after--) throw new Error('The answer was lost.')
    },
  }
  const outcomes: string[] = []
  const { logger, lines } = createKeepingLogger()
  const tally = new Tally(createToday(clockAt('2026-11-27T12:00:00Z')), {
    maxOperations: 10_000,
    maxRows: 100_000,
  })
  const start = () =>
    new Batches({
      ...{ tally, store, logger, flushIntervalMs },
      outbox: outbox
        ? {
            put: (left) => Promise.resolve(void boxed.push(...left)),
            sendAll: async (send) => {
              if (isSpoilt()) throw new Error('The file is spoilt.')
              for (let [first] = boxed; first !== undefined; [first] = boxed) {
                await send(first)
                boxed.shift()
              }
            },
          }
        : undefined,
      onFlush: (outcome) => outcomes.push(outcome),
    })
  const batches = start()
  const count = (operation: string, times = 1) =>
    tally.accountOf('acme', 'user', operation).add('requests', times)
  const requests = async () => (await kept.list(ALL)).reduce((sum, row) => sum + row.requests, 0)
  return { batches, start, count, requests, sent, boxed, faults, outcomes, lines }
}

/** Until the pause after a failure is over, which is a millisecond here. */
async function flushAgain(batches: Batches): Promise<void> {
  while (!(await batches.flush())) await new Promise((resolve) => setImmediate(resolve))
}

describe('batches', () => {
  it('are written with numbers that rise, and none when there is nothing', async () => {
    const { batches, count, sent, requests, outcomes } = createWorld()
    count('A')
    await batches.flush()
    await batches.flush()
    count('A')
    await batches.flush()
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2])
    expect(new Set(sent.map(({ instance }) => instance)).size).toBe(1)
    expect([await requests(), batches.waiting, outcomes]).toEqual([2, 0, ['written', 'written']])
  })

  it('are of a bounded size', async () => {
    const { batches, count, sent, requests } = createWorld()
    for (let number = 0; number < 5_000; number += 1) count(`Op${String(number)}`)
    await batches.flush()
    expect(sent.map(({ rows }) => rows.length)).toEqual([2_000, 2_000, 1_000])
    expect(await requests()).toBe(5_000)
  })

  it.each([
    ['the store was away', 'before'],
    ['the answer was lost', 'after'],
  ] as const)('that fail because %s are sent again word for word, and count once', async (_why, when) => {
    const { batches, count, sent, requests, faults, outcomes, lines } = createWorld()
    faults[when] = 3
    count('A', 5)
    expect(await batches.flush()).toBe(false)
    expect([batches.isFailing, batches.waiting]).toEqual([true, 1])
    count('A', 7)
    count('B')
    await flushAgain(batches)
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 1, 2])
    expect(sent[3]).toEqual(sent[0])
    expect([await requests(), batches.waiting, batches.isFailing]).toEqual([13, 0, false])
    expect(outcomes).toEqual(['failed', 'failed', 'failed', 'written', 'written'])
    expect(lines.map(({ message }) => message)).toEqual([
      'usage cannot be written; it is kept and sent again',
      'usage is written again',
    ])
  })

  it('leave a store that failed alone for a while', async () => {
    const { batches, count, sent, faults } = createWorld({ flushIntervalMs: 60_000 })
    faults.before = 1
    count('A')
    for (let asked = 0; asked < 50; asked += 1) expect(await batches.flush()).toBe(false)
    expect(sent).toHaveLength(1)
  })

  it('are written at the end without regard to the pause', async () => {
    const { batches, count, requests, faults } = createWorld()
    faults.before = 1
    count('A')
    await batches.flush()
    count('B')
    await batches.flushForTheLastTime(1_000)
    expect(await requests()).toBe(2)
  })

  it('that cannot be written at the end wait in the outbox, with their numbers', async () => {
    const { batches, start, count, requests, faults, boxed, sent, lines } = createWorld({ outbox: true })
    faults.after = 1
    count('A', 3)
    await batches.flush()
    faults.before = Infinity
    count('A', 4)
    await batches.flushForTheLastTime(0)
    expect(boxed.map(({ sequence }) => sequence)).toEqual([1, 2])
    expect(boxed[0]).toEqual(sent[0])
    expect(lines.at(-1)?.facts).toEqual({ rows: 2, requests: 7 })
    // The next start, in the same folder.
    faults.before = 0
    expect(await start().flush()).toBe(true)
    expect([await requests(), boxed]).toEqual([7, []])
  })

  it('join those in the outbox that could not be sent either', async () => {
    const { batches, count, faults, boxed, lines } = createWorld({ outbox: true })
    boxed.push({ instance: 'earlier', sequence: 4, rows: [usageRow()] })
    faults.before = Infinity
    count('A', 3)
    await batches.flush()
    count('A', 4)
    await batches.flushForTheLastTime(0)
    const requestsOf = ({ rows }: UsageBatch) => rows.map(({ requests }) => requests)
    expect(boxed.flatMap(requestsOf).reduce((sum, requests) => sum + requests)).toBe(8)
    expect(lines.at(-1)?.facts).toMatchObject({ requests: 7 })
  })

  it('are written though an outbox is spoilt, which is told once and tried again', async () => {
    let isSpoilt = true
    const { batches, count, requests, boxed, outcomes, lines } = createWorld({
      outbox: true,
      isSpoilt: () => isSpoilt,
    })
    boxed.push({ instance: 'earlier', sequence: 4, rows: [usageRow()] })
    for (const times of [3, 4]) {
      count('A', times)
      expect(await batches.flush()).toBe(true)
    }
    expect([await requests(), batches.isFailing, outcomes]).toEqual([7, false, ['written', 'written']])
    expect(lines.map(({ message }) => message)).toEqual([
      'usage that an earlier process left cannot be written yet; it is tried again',
    ])
    isSpoilt = false
    await batches.flush()
    expect([await requests(), boxed]).toEqual([8, []])
  })

  it('that cannot be written at the end and have no place to wait are said to be lost', async () => {
    const { batches, count, faults, lines } = createWorld()
    faults.before = Infinity
    count('A', 3)
    await batches.flushForTheLastTime(0)
    expect(lines.at(-1)).toMatchObject({
      facts: { rows: 1, requests: 3 },
      message: 'usage could not be written and is lost',
    })
  })

  it('say when the store has all that was counted', async () => {
    const { batches, count, requests, faults } = createWorld()
    const seen: Promise<number>[] = []
    count('A', 3)
    faults.before = 1
    await batches.flush(() => void seen.push(requests()))
    expect(seen).toEqual([])
    await batches.flushForTheLastTime(1_000)
    await batches.flush(() => void seen.push(requests()))
    expect(await Promise.all(seen)).toEqual([3])
  })
})
