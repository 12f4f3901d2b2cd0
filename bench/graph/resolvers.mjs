/** Root values of the subgraphs: plain objects with functions, which graphql-js calls by itself. */
import { products, reviews, shippingEstimate, users } from './data.mjs'
import { federation2 } from './schemas.mjs'

const { hasOwn } = Object

const account = (id) => {
  const row = users.find((user) => user.id === id)
  return row && { __typename: 'User', ...row, preferences: {} }
}

const product = (upc) => {
  const { inStock: _, ...row } = products.find((one) => one.upc === upc) ?? {}
  return hasOwn(row, 'upc') ? { __typename: 'Product', ...row } : null
}

const stock = ({ upc, price, weight }) => ({
  __typename: 'Product',
  upc,
  price,
  weight,
  inStock: products.find((one) => one.upc === upc)?.inStock,
  shippingEstimate: () =>
    price === undefined || weight === undefined ? null : shippingEstimate(price, weight),
})

const review = (row) => ({
  __typename: 'Review',
  id: row.id,
  body: row.body,
  author: () => reviewer(row.authorId),
  product: () => reviewed(row.upc),
})
const reviewer = (id) => ({
  __typename: 'User',
  id,
  username: users.find((user) => user.id === id)?.username,
  numberOfReviews: () => reviews.filter((row) => row.authorId === id).length,
  reviews: () => reviews.filter((row) => row.authorId === id).map(review),
})
const reviewed = (upc) => ({
  __typename: 'Product',
  upc,
  reviews: () => reviews.filter((row) => row.upc === upc).map(review),
})

const ENTITIES = {
  accounts: { User: ({ id }) => account(id) },
  products: { Product: ({ upc }) => product(upc) },
  inventory: { Product: stock },
  reviews: {
    User: ({ id }) => reviewer(id),
    Product: ({ upc }) => reviewed(upc),
    Review: ({ id }) => review(reviews.find((row) => row.id === id)),
  },
}

const ROOTS = {
  accounts: {
    me: () => account('1'),
    user: ({ id }) => account(id),
    users: () => users.map(({ id }) => account(id)),
  },
  products: { topProducts: ({ first }) => products.slice(0, first).map(({ upc }) => product(upc)) },
}

export function rootValue(name) {
  return {
    ...ROOTS[name],
    _service: { sdl: federation2(name) },
    _entities: ({ representations }) =>
      representations.map((representation) => ENTITIES[name][representation.__typename](representation)),
  }
}
