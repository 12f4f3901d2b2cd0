/** What every gateway must answer: the whole graph as one schema, executed by graphql-js over the same rows. */
import { buildSchema, graphqlSync } from 'graphql'
import { products, reviews, users } from './data.mjs'
import { MONOLITH } from './schemas.mjs'

const schema = buildSchema(MONOLITH)

const user = (row) => ({
  ...row,
  numberOfReviews: () => reviews.filter(({ authorId }) => authorId === row.id).length,
  reviews: () => reviews.filter(({ authorId }) => authorId === row.id).map(review),
})
const product = (row) => ({
  ...row,
  shippingEstimate: row.price > 1000 ? 0 : Math.round(row.weight / 2),
  reviews: () => reviews.filter(({ upc }) => upc === row.upc).map(review),
})
const review = (row) => ({
  ...row,
  author: () => user(users.find(({ id }) => id === row.authorId)),
  product: () => product(products.find(({ upc }) => upc === row.upc)),
})

const rootValue = {
  me: () => user(users[0]),
  user: ({ id }) => user(users.find((row) => row.id === id)),
  users: () => users.map(user),
  topProducts: ({ first }) => products.slice(0, first).map(product),
}

export function expectedAnswer({ query, variables }) {
  const result = graphqlSync({ schema, source: query, rootValue, variableValues: variables })
  if (result.errors) throw new Error(`The oracle refuses the operation: ${result.errors[0].message}`)
  return JSON.parse(JSON.stringify(result))
}
