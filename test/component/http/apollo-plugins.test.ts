import { describe, expect, it } from '@jest/globals'
import { GraphQLError } from 'graphql'
import type { ApolloPlugin } from '../../../src/http/index.js'
import { createSmallGeneration } from '../../support/small-generation.js'
import { createSmallServer } from '../../support/small-server.js'

function createWatchedServer(plugin: ApolloPlugin) {
  const { generation, seen } = createSmallGeneration()
  const server = createSmallServer(
    { front: 'apollo' },
    { current: () => generation, apolloPlugins: [plugin] },
  )
  const post = (payload: object, headers: Record<string, string> = {}) =>
    server.inject({ method: 'POST', url: '/graphql', payload, headers })
  return { post, seen }
}

describe('plugins of the Apollo front', () => {
  it('see the operation and the outcome', async () => {
    const events: string[] = []
    const { post } = createWatchedServer({
      requestDidStart: async () => ({
        didResolveOperation: async ({ operationName }) => void events.push(`resolved ${operationName}`),
        didEncounterErrors: async ({ errors }) =>
          void events.push(`errors ${String(errors[0]?.extensions['code'])}`),
        willSendResponse: async ({ contextValue, response }) =>
          void events.push(`sends ${response.http.status} ${contextValue.outcome.reply?.cacheStatus}`),
      }),
    })
    await post({ query: 'query A { broken }' })

    expect(events).toEqual(['resolved A', 'errors SUBREQUEST_HTTP_ERROR', 'sends 200 MISS'])
  })

  it('refuse before the line is asked', async () => {
    const { post, seen } = createWatchedServer({
      requestDidStart: async () => ({
        didResolveOperation: async () => {
          throw new GraphQLError('Not today.', { extensions: { code: 'CLOSED', http: { status: 403 } } })
        },
      }),
    })
    const response = await post({ query: 'mutation { count }' })

    expect([response.statusCode, response.json().errors]).toEqual([
      403,
      [{ message: 'Not today.', extensions: { code: 'CLOSED' } }],
    ])
    expect(seen.received).toHaveLength(0)
  })

  it('cannot be passed by a request that names its operation by hash alone', async () => {
    const { post, seen } = createWatchedServer({})
    const extensions = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } }
    const byHash = await post({ extensions })
    const withText = await post({ query: '{ greeting }', extensions })

    expect([byHash.statusCode, byHash.json().errors[0].extensions.code]).toEqual([
      200,
      'PERSISTED_QUERY_NOT_FOUND',
    ])
    expect(withText.json()).toEqual({ data: { greeting: 'Hello, world!' } })
    // The line is asked for a text that nobody has, so that it counts the caller; then for the one that came.
    const nobodys = { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } }
    expect(seen.received.map(({ request }) => request.extensions)).toEqual([nobodys, extensions])
  })

  it.each(['mutation { count } # subscription', 'query subscription { greeting }', 'subscription {'])(
    'cannot be passed by naming a subscription to a client of streams: %s',
    async (query) => {
      const events: string[] = []
      const { post } = createWatchedServer({
        requestDidStart: async ({ request }) => void events.push(String(request.query)),
      })
      await post({ query }, { accept: 'text/event-stream' })
      expect(events).toEqual([query])
    },
  )

  it('leak nothing when they fail', async () => {
    const { post } = createWatchedServer({
      requestDidStart: async () => ({
        didResolveOperation: async () => {
          throw new Error('secret')
        },
      }),
    })
    const response = await post({ query: '{ greeting }' })
    expect(response.statusCode).toBe(500)
    expect(response.json().errors[0].extensions.code).toBe('INTERNAL_SERVER_ERROR')
    expect(response.body).not.toContain('secret')
  })

  it('run on the newest generation', async () => {
    const [old, fresh] = [createSmallGeneration(), createSmallGeneration()]
    let current = old.generation
    const server = createSmallServer({ front: 'apollo' }, { current: () => current })
    const post = () => server.inject({ method: 'POST', url: '/graphql', payload: { query: '{ greeting }' } })
    await post()
    current = fresh.generation
    await post()
    expect([old.seen.received.length, fresh.seen.received.length]).toEqual([1, 1])
  })
})
