import { describe, expect, it } from '@jest/globals'
import { openStream } from '../../support/read-stream.js'
import { createStreamWorld, emma, endWorldsAfterEach } from './world.js'

endWorldsAfterEach()

const CHANGED = { query: 'subscription Changed($id: ID) { bookChanged(id: $id) { id title stars } }' }

describe.each(['native', 'apollo'])('a subscription under the %s planner', (planner) => {
  it('answers each event with what other subgraphs know of it, until it is complete', async () => {
    const { gateway, books, reviews } = await createStreamWorld({ planner })
    const client = await openStream(gateway.url, { ...CHANGED, variables: { id: '1' } })
    const source = await books.opened(0)
    expect(client.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(JSON.parse(source.request.body)).toMatchObject({ variables: { v0: '1' } })

    source.next(emma())
    expect(await client.next()).toEqual({ data: { bookChanged: { id: '1', title: 'Emma', stars: 5 } } })
    reviews.behave = (response) => response.writeHead(503).end()
    source.next(emma('Persuasion'))
    expect(await client.next()).toEqual({
      errors: [
        {
          message: "Subgraph 'reviews' could not be reached or refused the request.",
          path: ['bookChanged'],
          extensions: { code: 'SUBREQUEST_HTTP_ERROR', service: 'reviews' },
        },
      ],
      data: { bookChanged: { id: '1', title: 'Persuasion', stars: null } },
    })
    source.complete()
    expect(await client.next()).toBe('complete')
    expect(await client.next()).toBeUndefined()
  })
})
