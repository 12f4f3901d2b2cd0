/** How subscriptions are asked for over HTTP, on both fronts. */
import { describe, expect, it } from '@jest/globals'
import { askGraphql } from '../../support/graphql-client.js'
import { openStream } from '../../support/read-stream.js'
import { createStreamWorld, emma, endWorldsAfterEach } from './world.js'

endWorldsAfterEach()

const CHANGED = { query: 'subscription { bookChanged { id title } }' }
const MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'

describe.each(['own', 'apollo'])('subscriptions on the %s front', (front) => {
  it('come as parts of a multipart response, with heartbeats and what ended them', async () => {
    const { gateway, books } = await createStreamWorld({ server: { front, streams: { heartbeatMs: 100 } } })
    const client = await openStream(gateway.url, CHANGED, { accept: MULTIPART })
    const source = await books.opened(0)
    const { headers } = client.response
    expect(headers.get('content-type')).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-request-id')).toMatch(/^[\w-]+$/)
    const part = (text: string) => `\r\ncontent-type: application/json\r\n\r\n${text}\r\n--graphql`
    expect(await client.until(part('{}'))).toBe(`\r\n--graphql${part('{}')}`)
    expect(await client.until(part('{}'))).toBe(part('{}'))
    source.next(emma())
    await client.until(part('{"payload":{"data":{"bookChanged":{"id":"1","title":"Emma"}}}}'))
    source.next({ errors: [{ message: 'x', path: ['bookChanged'] }] })
    expect(await client.until('"data":null}}')).toContain('{"payload":{"errors":[')
    void gateway.stop()
    expect(await client.until('--graphql--\r\n')).toContain('"payload":null,"errors":[{"message":')
  })

  it('come as events, in which heartbeats are comments', async () => {
    const { gateway, books } = await createStreamWorld({ server: { front, streams: { heartbeatMs: 50 } } })
    const client = await openStream(gateway.url, CHANGED)
    const source = await books.opened(0)
    await client.until(':\n\n:\n\n:\n\n')
    source.next(emma())
    source.complete()
    expect(await client.next()).toEqual({ data: { bookChanged: { id: '1', title: 'Emma' } } })
    expect(await client.next()).toBe('complete')
  })

  it.each([
    undefined,
    'application/json',
    'application/graphql-response+json',
    '*/*',
    'multipart/mixed;deferSpec=20220824, application/json',
    'text/event-stream;q=0, application/json',
  ])('are refused before the subgraph hears of them to a client that takes %s', async (accept) => {
    const { gateway, books } = await createStreamWorld({ server: { front } })
    const headers = accept === undefined ? {} : { accept }
    const { status, errors } = await askGraphql(gateway.url, CHANGED.query, { headers })
    expect([status, errors[0]?.extensions.code]).toEqual([406, 'NOT_ACCEPTABLE'])
    expect(books.seen).toEqual([])
  })

  it('are not for GET, whatever it takes', async () => {
    const { gateway, books } = await createStreamWorld({ server: { front } })
    const url = `${gateway.url}/graphql?query=${encodeURIComponent(CHANGED.query)}`
    const codeFor = async (headers: Record<string, string>) => {
      const response = await fetch(url, { headers })
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] }
      return [response.status, errors[0]?.extensions.code]
    }
    const preflight = { 'apollo-require-preflight': '1' }
    expect(await codeFor({ accept: 'text/event-stream' })).toEqual([406, 'NOT_ACCEPTABLE'])
    expect(await codeFor({ accept: 'text/event-stream, */*' })).toEqual([400, 'CSRF_ERROR'])
    expect(await codeFor({ accept: 'text/event-stream, */*', ...preflight })).toEqual([
      405,
      'METHOD_NOT_ALLOWED',
    ])
    expect(await codeFor({ accept: MULTIPART, ...preflight })).toEqual([405, 'METHOD_NOT_ALLOWED'])
    expect(books.seen).toEqual([])
  })

  it('leave queries of the same client as they are', async () => {
    const { gateway } = await createStreamWorld({ server: { front } })
    const accept = 'application/graphql-response+json, application/json, text/event-stream, multipart/mixed'
    const view = await askGraphql(gateway.url, '{ book(id: 1) { title } }', { headers: { accept } })
    expect(view.header('content-type')).toBe('application/graphql-response+json; charset=utf-8')
    expect(view.data).toEqual({ book: { title: 'Emma' } })
  })

  it('have refusals with the status that they have for every operation', async () => {
    const { gateway } = await createStreamWorld({ server: { front } })
    const accept = 'text/event-stream'
    const invalid = await askGraphql(gateway.url, 'subscription { nope }', { headers: { accept } })
    expect([invalid.status, invalid.errors[0]?.extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED'])
    const forged = await askGraphql(gateway.url, CHANGED.query, {
      headers: { accept, authorization: 'Bearer nonsense' },
    })
    expect([forged.status, forged.errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
  })
})

describe('@defer', () => {
  it('is refused as a directive that there is not, whatever the client takes', async () => {
    const { gateway } = await createStreamWorld()
    const { status, errors } = await askGraphql(gateway.url, '{ book(id: 1) { id ... @defer { title } } }', {
      headers: { accept: 'multipart/mixed;deferSpec=20220824, application/graphql-response+json' },
    })
    expect([status, errors[0]?.extensions.code]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED'])
    expect(errors[0]?.message).toContain('@defer')
  })
})
