/** Operations in flight and work under overload, as clients of a whole gateway see them. */
import type { ServerResponse } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import {
  answer,
  createRecordingSubgraph,
  startGateway,
  stopAfterEach,
} from '../../support/embedded-gateway.js'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'

stopAfterEach()

const TYPE_DEFS = 'type Query { item(id: Int): String }'

describe('operations in flight', () => {
  it('are limited for each caller, and refused without a subgraph being asked', async () => {
    const subgraph = await createRecordingSubgraph({})
    const held: ServerResponse[] = []
    subgraph.behave = (response) => void held.push(response)
    const gateway = await startGateway(
      { shop: { url: subgraph.url, typeDefs: TYPE_DEFS } },
      { config: { limits: { concurrency: { perCaller: { anonymous: 2 } } } } },
    )
    const ask = (id: number) => askGraphql(gateway.url, `{ item(id: ${id}) }`)
    const inFlight = [ask(1), ask(2)]
    await eventually(
      () => held.length,
      (count) => count === 2,
    )
    const refused = await ask(3)
    expect(refused.status).toBe(503)
    expect(refused.header('retry-after')).toBe('1')
    expect(refused.errors[0]?.extensions).toEqual({
      code: 'REQUEST_CONCURRENCY_LIMITED',
      retryAfterSeconds: 1,
    })
    expect(refused.header('x-ratelimit-limit')).toBe('300')
    expect(subgraph.seen).toHaveLength(2)
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200)

    for (const response of held.splice(0)) answer(response, { item: 'here' })
    for (const view of await Promise.all(inFlight)) expect(view.data).toEqual({ item: 'here' })
    subgraph.behave = (response) => {
      answer(response, { item: 'later' })
    }
    expect((await ask(4)).data).toEqual({ item: 'later' })
  })
})
