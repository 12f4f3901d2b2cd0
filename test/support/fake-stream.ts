import { Answer, type AnswerBody } from '../../src/kernel/answer.js'
import type { AnswerStream, StreamEnd } from '../../src/kernel/answer-stream.js'
import type { Reply } from '../../src/kernel/reply.js'

/** The answers of a subscription, as a test gives them out. */
export interface FakeStream {
  readonly stream: AnswerStream
  /** The reply that lets the subscription in. */
  readonly reply: Reply
  readonly push: (body: AnswerBody) => void
  /** Ends it, behind last words if there are any. */
  readonly finish: (end: StreamEnd, lastWords?: AnswerBody) => void
  /** Resolves when it is over, whoever ended it. */
  readonly over: Promise<StreamEnd>
}

export function createFakeStream(): FakeStream {
  const answers: Answer[] = []
  let finished: StreamEnd | undefined
  let wake: () => void = () => undefined
  let tellOver: (end: StreamEnd) => void
  const over = new Promise<StreamEnd>((resolve) => (tellOver = resolve))
  const finish = (end: StreamEnd, lastWords?: AnswerBody): void => {
    if (finished !== undefined) return
    if (lastWords !== undefined) answers.push(Answer.fromBody(lastWords))
    finished = end
    tellOver(end)
    wake()
  }
  const stream: AnswerStream = {
    [Symbol.asyncIterator]: () => stream,
    get end() {
      return answers.length > 0 ? undefined : finished
    },
    async next() {
      while (answers.length === 0 && finished === undefined) {
        await new Promise<void>((resolve) => (wake = resolve))
      }
      const value = finished === 'stopped' ? undefined : answers.shift()
      return value === undefined ? { done: true, value: undefined } : { done: false, value }
    },
    return: () => {
      finish('stopped')
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return {
    stream,
    reply: {
      answer: Answer.fromBody({}),
      status: 200,
      refusal: undefined,
      principal: undefined,
      operation: undefined,
      cacheStatus: 'BYPASS',
      stream,
    },
    push: (body) => {
      answers.push(Answer.fromBody(body))
      wake()
    },
    finish,
    over,
  }
}
