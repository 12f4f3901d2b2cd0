import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { AnswerStream } from '../../../src/kernel/answer-stream.js'
import { Deadline } from '../../../src/kernel/deadline.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import type { Line } from '../../../src/pipeline/line.js'
import { Progress } from '../../../src/pipeline/progress.js'
import { createRefuse } from '../../../src/pipeline/refuse.js'
import { createSubscribe, type Admission } from '../../../src/pipeline/subscribe.js'
import { createThrough } from '../../../src/pipeline/through.js'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** A generation whose subscriptions are open, and silent. */
async function createWorld(count: number, reloadSpreadMs: number) {
  const closed: number[] = []
  let opened = 0
  const line = {
    plan: { name: 'plan', run: (context: object) => context },
    open: {
      name: 'fetch',
      run: (context: object) => {
        const index = (opened += 1)
        let end: (event: undefined) => void = () => undefined
        const next = () => new Promise<undefined>((resolve) => (end = resolve))
        const close = () => {
          closed.push(index)
          end(undefined)
        }
        return { ...context, source: { next, close } }
      },
    },
  } as unknown as Line
  const { subscribe, retire } = createSubscribe({
    line,
    through: createThrough(),
    refuse: createRefuse(SILENT_LOGGER, NO_METRICS),
    places: { take: () => ({ hold: () => undefined, answered: () => undefined, leave: () => undefined }) },
    eventTimeoutMs: 1_000,
    reloadSpreadMs,
    metrics: NO_METRICS,
  })
  const ended: string[] = []
  const open = async (name: string): Promise<void> => {
    const context = { deadline: new Deadline(1_000), charge: {} }
    const admission = { resolved: context, authorized: context, charged: context } as unknown as Admission
    const { stream } = await subscribe(admission, new Progress(admission.resolved))
    void tellEnd(name, stream as AnswerStream)
  }
  const tellEnd = async (name: string, stream: AnswerStream): Promise<void> => {
    for await (const { body } of stream) ended.push(`${name} ${body.errors?.[0]?.extensions.code ?? ''}`)
  }
  for (let index = 1; index <= count; index += 1) await open(String(index))
  return { retire, ended, closed, open }
}

const ending = (name: string) => `${name} SUBSCRIPTION_SCHEMA_RELOAD`

describe('the subscriptions of a generation that serves no more', () => {
  it('end evenly over a while, and let go of their sources at once', async () => {
    const { retire, ended, closed } = await createWorld(4, 2_000)
    retire()
    expect(new Set(closed)).toEqual(new Set([1, 2, 3, 4]))
    await jest.advanceTimersByTimeAsync(0)
    expect(ended).toEqual(['1'].map(ending))
    // The generation is closed behind its last request.
    retire()
    await jest.advanceTimersByTimeAsync(999)
    expect(ended).toEqual(['1', '2'].map(ending))
    await jest.advanceTimersByTimeAsync(501)
    expect(ended).toEqual(['1', '2', '3', '4'].map(ending))
    expect(jest.getTimerCount()).toBe(0)
  })

  it('end at once where nothing is to be spread, and where they were only being opened', async () => {
    const { retire, ended, open } = await createWorld(2, 0)
    retire()
    await jest.advanceTimersByTimeAsync(0)
    expect(ended).toEqual(['1', '2'].map(ending))
    await open('late')
    await jest.advanceTimersByTimeAsync(0)
    expect(ended.at(-1)).toBe(ending('late'))
  })
})
