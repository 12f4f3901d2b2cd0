import { describe, expect, it } from '@jest/globals'
import { Answer } from '../../../src/kernel/answer.js'
import type { AnswerStream } from '../../../src/kernel/answer-stream.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import { createSmallGeneration } from '../../support/small-generation.js'
import { createKeepingLogger, createSmallServer } from '../../support/small-server.js'

function streamOf(texts: readonly string[]): AnswerStream {
  const left = [...texts]
  const stream = {
    end: undefined as AnswerStream['end'],
    next: () => {
      const text = left.shift()
      if (text === undefined) stream.end = 'completed'
      return Promise.resolve(
        text === undefined
          ? { done: true as const, value: undefined }
          : { done: false as const, value: Answer.fromText(text) },
      )
    },
    return: () => Promise.resolve({ done: true as const, value: undefined }),
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}

describe('the access log of a subscription', () => {
  it('has a line when it is opened, and one at the end that counts its events and says why it ended', async () => {
    const { logger, lines } = createKeepingLogger()
    const { generation } = createSmallGeneration()
    const current = () => ({
      ...generation,
      runOperation: async (...args: Parameters<typeof generation.runOperation>) => ({
        ...(await generation.runOperation(...args)),
        stream: streamOf(['{"data":{"a":1}}', '{"data":{\r\n"a":2}}']),
      }),
    })
    const counted: string[] = []
    const server = createSmallServer(
      {},
      {
        logger,
        current,
        metrics: {
          ...NO_METRICS,
          countRequest: ({ frontEnd }) => void counted.push(frontEnd),
        },
      },
    )
    const response = await server.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      payload: JSON.stringify({ query: '{ greeting }' }),
    })
    expect(response.body).toBe(
      ':\n\nevent: next\ndata: {"data":{"a":1}}\n\nevent: next\ndata: {"data":{\ndata: "a":2}}\n\nevent: complete\ndata:\n\n',
    )
    expect(lines).toMatchObject([
      { message: 'subscription opened', facts: { principalKind: undefined, events: undefined } },
      { message: 'request', facts: { events: 2, streamEnd: 'completed', status: 200 } },
    ])
    expect(counted).toEqual(['subscription'])
  })
})
