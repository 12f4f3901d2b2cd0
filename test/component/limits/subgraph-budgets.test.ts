/** What one operation may cost a single subgraph. */
import { describe, expect, it } from '@jest/globals'
import {
  answer,
  createRecordingSubgraph,
  startGateway,
  stopAfterEach,
} from '../../support/embedded-gateway.js'
import { askGraphql } from '../../support/graphql-client.js'
import { FEDERATION_LINK } from '../../support/make-supergraph.js'

stopAfterEach()

const SHOP = `${FEDERATION_LINK}
  type Query { page(first: Int = 10): Page @listSize(slicingArguments: ["first"], sizedFields: ["nodes"], requireOneSlicingArgument: false) shop: String }
  type Page { nodes: [Item!] }
  type Item @key(fields: "id") { id: ID! name: String }
`
const REVIEWS = `${FEDERATION_LINK}
  type Item @key(fields: "id") { id: ID! reviews(first: Int = 50): [Review!] @listSize(slicingArguments: ["first"]) }
  type Review @cost(weight: 2) { text: String }
  type Query { newest(first: Int!): [Review!] @listSize(slicingArguments: ["first"]) }
`

async function createWorld(maximum: number) {
  const item = (id: string) => ({ __typename: 'Item', id, name: `n${id}` })
  const shop = await createRecordingSubgraph({ page: { nodes: [item('1'), item('2')] }, shop: 'Corner' })
  const reviews = await createRecordingSubgraph({})
  reviews.behave = (response, { body }) => {
    const { variables } = JSON.parse(body) as { variables?: { representations?: unknown[] } }
    const entities = (variables?.representations ?? []).map(() => ({
      __typename: 'Item',
      reviews: [{ text: 'good' }],
    }))
    answer(response, body.includes('newest') ? { newest: [] } : { _entities: entities })
  }
  const gateway = await startGateway(
    { shop: { url: shop.url, typeDefs: SHOP }, reviews: { url: reviews.url, typeDefs: REVIEWS } },
    { config: { limits: { cost: { mode: 'enforce', subgraphs: { reviews: { maximum } } } } } },
  )
  const ask = (query: string, variables = {}) => askGraphql(gateway.url, query, { variables })
  return { shop, reviews, ask }
}

const PAGE =
  'query ($n: Int, $m: Int, $with: Boolean = true) { page(first: $n) { nodes { name reviews(first: $m) @include(if: $with) { text } } } }'

describe('the budget of a subgraph', () => {
  it('keeps what is too expensive from it, and lets the rest through', async () => {
    // Three items, each with itself and ten reviews of 2.
    const { ask, shop, reviews } = await createWorld(63)
    const fine = await ask(PAGE, { n: 3, m: 10 })
    expect(fine).toMatchObject({
      errors: [],
      data: { page: { nodes: [{ reviews: [{ text: 'good' }] }, {}] } },
    })
    expect(reviews.seen).toHaveLength(1)

    const refused = await ask(PAGE, { n: 4, m: 10 })
    expect(refused).toMatchObject({
      status: 200,
      data: {
        page: {
          nodes: [
            { name: 'n1', reviews: null },
            { name: 'n2', reviews: null },
          ],
        },
      },
      errors: [
        {
          message:
            "What is asked of subgraph 'reviews' is estimated to cost 84, more than the 63 that one operation may ask of it.",
          path: ['page', 'nodes', '@'],
          extensions: { code: 'SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE', service: 'reviews' },
        },
      ],
    })
    expect(reviews.seen).toHaveLength(1)
    expect(shop.seen).toHaveLength(2)
    expect(await ask(PAGE, { n: 4, m: 10, with: false })).toMatchObject({ errors: [] })
  })

  it('holds for all fetches of an operation together, literals and variables alike', async () => {
    const { ask, reviews } = await createWorld(63)
    expect(
      await ask('{ page(first: 3) { nodes { reviews(first: 9) { text } } } newest(first: 3) { text } }'),
    ).toMatchObject({ errors: [] })
    expect(reviews.seen).toHaveLength(2)
    const both = await ask(
      '{ shop page(first: 3) { nodes { reviews(first: 9) { text } } } newest(first: 4) { text } }',
    )
    expect(both.data).toMatchObject({
      shop: 'Corner',
      newest: null,
      page: { nodes: [{ reviews: null }, { reviews: null }] },
    })
    expect(both.errors.map(({ extensions }) => extensions.code)).toEqual([
      'SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE',
      'SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE',
    ])
    expect(reviews.seen).toHaveLength(2)
  })

  it('of a subgraph that there is not keeps the gateway from serving', async () => {
    const start = startGateway(
      { shop: { url: 'http://127.0.0.1:1', typeDefs: SHOP } },
      { config: { limits: { cost: { mode: 'enforce', subgraphs: { revews: { maximum: 1 } } } } } },
    )
    await expect(start).rejects.toThrow('limits.cost.subgraphs names revews, which is no subgraph')
  })
})
