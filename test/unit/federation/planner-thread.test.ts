import { afterEach, describe, expect, it } from '@jest/globals'
import { PlannerThread } from '../../../src/federation/planning/planner-thread.js'
import { withinTime } from '../../../src/federation/planning/within-time.js'

const opened: PlannerThread[] = []

function open(data?: string, startMs = 15_000): PlannerThread {
  const entry = new URL('threads/obedient.mjs', import.meta.url)
  const thread = new PlannerThread({ entry, data, memoryMb: 32, startMs })
  opened.push(thread)
  return thread
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((thread) => thread.close()))
})

const never = new AbortController().signal

async function ask(thread: PlannerThread, question: string): Promise<unknown> {
  await thread.ready()
  return thread.ask(question, never)
}

describe('the thread of a planner', () => {
  it('is started once and answers one question after another', async () => {
    const thread = open()
    await Promise.all([thread.ready(), thread.ready()])
    const one = await ask(thread, 'one')
    expect(one).toEqual({ question: 'one', threadId: expect.any(Number) })
    expect(await ask(thread, 'two')).toEqual({ ...(one as object), question: 'two' })
  })

  it.each([
    ['die', 'The planner died.'],
    ['leave', "The planner's thread ended with 7."],
    ['hoard', 'The planner died.'],
  ])(
    'says so when it comes to its end (%s), and is there again for the next question',
    async (end, message) => {
      const thread = open()
      await expect(ask(thread, end)).rejects.toMatchObject({
        name: 'PlanningInterrupted',
        reason: 'crash',
        message,
      })
      expect(await ask(thread, 'again')).toMatchObject({ question: 'again' })
    },
  )

  it('is ended when it takes too long, and is there again for the next question', async () => {
    const thread = open()
    await thread.ready()
    await expect(withinTime(50, (signal) => thread.ask('hang', signal))).rejects.toMatchObject({
      reason: 'timeout',
      message: 'Planning took longer than 50 ms.',
    })
    expect(await ask(thread, 'again')).toMatchObject({ question: 'again' })
  })

  it('hands on why it refuses, every time it is asked', async () => {
    const thread = open('refuse')
    const refusal = await thread.ready().catch((error: unknown) => error)
    expect(refusal).toEqual(new Error('not this one'))
    await expect(thread.ready()).rejects.toBe(refusal)
  })

  it('is given up when it is not ready in time', async () => {
    await expect(open('never ready', 50).ready()).rejects.toMatchObject({ reason: 'timeout' })
  })

  it('answers nobody once it is closed', async () => {
    const thread = open()
    await thread.ready()
    const asked = expect(thread.ask('hang', never)).rejects.toMatchObject({ reason: 'closed' })
    await thread.close()
    await asked
    await expect(thread.ready()).rejects.toMatchObject({ reason: 'closed' })
  })
})
