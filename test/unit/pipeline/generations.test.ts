import { describe, expect, it } from '@jest/globals'
import type { Generation } from '../../../src/kernel/generation.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { Reply } from '../../../src/kernel/reply.js'
import { countWork, createGenerations } from '../../../src/pipeline/generations.js'
import { makeReceived } from '../../support/arrival.js'

function makeGeneration(id: string) {
  const waiting: ((reply: Reply) => void)[] = []
  const closed: string[] = []
  const retired: string[] = []
  return {
    closed,
    retired,
    finishOne: () => waiting.shift()?.({ status: 200 } as Reply),
    counted: countWork(
      {
        generation: {
          id,
          runOperation: () => new Promise<Reply>((resolve) => waiting.push(resolve)),
        } as unknown as Generation,
        close: async () => void closed.push(id),
        retire: () => void retired.push(id),
      },
      SILENT_LOGGER,
    ),
  }
}

describe('generations', () => {
  it('has none before the first', () => {
    expect(createGenerations().current()).toBeUndefined()
  })

  it('lets work in flight finish on the generation it started with, then closes that one', async () => {
    const generations = createGenerations()
    const [first, second] = [makeGeneration('first'), makeGeneration('second')]
    generations.replace(first.counted)
    const inFlight = generations.current()?.runOperation(makeReceived())
    generations.replace(second.counted)
    expect(generations.current()?.id).toBe('second')
    expect([first.retired, second.retired]).toEqual([['first'], []])
    expect(first.closed).toEqual([])
    first.finishOne()
    await expect(inFlight).resolves.toMatchObject({ status: 200 })
    expect(first.closed).toEqual(['first'])
    expect(second.closed).toEqual([])
  })

  it('closes an idle generation as soon as it is replaced', () => {
    const generations = createGenerations()
    const first = makeGeneration('first')
    generations.replace(first.counted)
    generations.replace(makeGeneration('second').counted)
    expect(first.closed).toEqual(['first'])
  })
})
