/** What is asked. `COLD_MARK` in a text is replaced by a new alias of the same length for every request. */

export const COLD_MARK = 'c0000000'

const PAGE = `query Page($first: Int!) {
  topProducts(first: $first) {
    upc
    name
    inStock
    shippingEstimate
    reviews { id body author { id name username } }
  }
}`

const LARGE = `fragment User on User { id username name }
fragment Review on Review { id body }
fragment Product on Product { inStock name price shippingEstimate upc weight }
query Large {
  users {
    ...User
    reviews {
      ...Review
      product {
        ...Product
        reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
      }
    }
  }
  topProducts {
    ...Product
    reviews { ...Review author { ...User reviews { ...Review product { ...Product } } } }
  }
}`

export const OPERATIONS = {
  tiny: {
    about: 'one fetch',
    query: 'query Tiny { topProducts(first: 3) { upc name price } }',
    variables: {},
  },
  page: { about: 'four fetches', query: PAGE, variables: { first: 2 } },
  large: { about: 'the operation of the public gateways benchmark', query: LARGE, variables: {} },
  cold: {
    about: 'the page under an alias never used before',
    query: PAGE.replace('    name\n', `    ${COLD_MARK}: name\n`),
    variables: { first: 2 },
    isCold: true,
  },
  shared: {
    about: 'the large operation, equal requests in flight may share work',
    query: LARGE,
    variables: {},
  },
  home: {
    about: '/mobile/home of the reference shop for a signed-in user, three fetches',
    path: '/mobile/home',
  },
}
