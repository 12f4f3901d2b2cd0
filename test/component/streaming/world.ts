import { afterEach } from '@jest/globals'
import { startGateway, stopAfterEach, type EmbeddedGateway } from '../../support/embedded-gateway.js'
import { startEventSubgraph, type EventSubgraph } from '../../support/event-subgraph.js'

/** Books that change, and in another subgraph what is thought of them. */
export interface StreamWorld {
  readonly gateway: EmbeddedGateway
  readonly books: EventSubgraph
  readonly reviews: EventSubgraph
}

const BOOKS = `
  type Book @key(fields: "id") { id: ID!  title: String!  secret: String @requiresScopes(scopes: [["secret"]]) }
  type Query { book(id: ID!): Book }
  type Subscription {
    bookChanged(id: ID): Book!
    guarded: Book @requiresScopes(scopes: [["guarded"]])
  }
`
const REVIEWS = `
  type Book @key(fields: "id") { id: ID!  stars: Int }
  type Query { best: Int }
`

/** SDL in place of what the two subgraphs have otherwise. */
export interface StreamGraph {
  readonly books?: string
  readonly reviews?: string
}

/** Registers the end of every world that the tests of this file made. */
export function endWorldsAfterEach(): void {
  stopAfterEach()
  afterEach(async () => {
    for (const close of closers.splice(0)) await close()
  })
}

const closers: (() => Promise<void>)[] = []

export async function createStreamWorld(
  config: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = {},
  graph: StreamGraph = {},
): Promise<StreamWorld> {
  const books = await startEventSubgraph({ book: { id: '1', title: 'Emma' } })
  const reviews = await startEventSubgraph({ _entities: [{ stars: 5 }] })
  closers.push(books.close, reviews.close)
  const gateway = await startGateway(
    {
      books: { url: books.url, typeDefs: graph.books ?? BOOKS },
      reviews: { url: reviews.url, typeDefs: graph.reviews ?? REVIEWS },
    },
    { config, files },
  )
  return { gateway, books, reviews }
}

/** An event of `bookChanged` as the subgraph sends it when stars are asked for too. */
export const emma = (title = 'Emma') => ({ data: { bookChanged: { __typename: 'Book', id: '1', title } } })
