/**
 * What a good engineer writes by hand for these screens: node:http, undici, no GraphQL gateway.
 *
 * BFF_STYLE=planned makes the fetches of Apollo's plan for the large operation (16), each with distinct
 * representations; lean makes the fewest that the graph allows (7).
 */
import { ask, serve } from './http-json.mjs'

/** Asks for each distinct entity once; gives them by their key. */
async function entities(subgraph, type, key, objects, selection, required = []) {
  const distinct = new Map()
  for (const object of objects) {
    if (distinct.has(object[key])) continue
    const representation = { __typename: type, [key]: object[key] }
    for (const field of required) representation[field] = object[field]
    distinct.set(object[key], representation)
  }
  const query = `query($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${type} ${selection} } }`
  const { _entities } = await ask(subgraph, query, { representations: [...distinct.values()] })
  return new Map([...distinct.keys()].map((id, index) => [id, _entities[index]]))
}

function spread(objects, key, found) {
  for (const object of objects) Object.assign(object, found.get(object[key]))
}

async function addNames(authors) {
  spread(authors, 'id', await entities('accounts', 'User', 'id', authors, '{ name }'))
}

async function addProductsAsPlanned(targets) {
  await Promise.all([
    entities('products', 'Product', 'upc', targets, '{ name price weight }').then(async (found) => {
      spread(targets, 'upc', found)
      await addShipping(targets)
    }),
    entities('inventory', 'Product', 'upc', targets, '{ inStock }').then((found) =>
      spread(targets, 'upc', found),
    ),
  ])
}

async function addShipping(targets) {
  const found = await entities('inventory', 'Product', 'upc', targets, '{ shippingEstimate }', [
    'price',
    'weight',
  ])
  spread(targets, 'upc', found)
}

const STOCK = '{ inStock shippingEstimate }'

async function addStock(targets) {
  spread(targets, 'upc', await entities('inventory', 'Product', 'upc', targets, STOCK, ['price', 'weight']))
}

const DEEP = 'reviews { id body author { id username reviews { id body product { upc } } } }'
const TOP = '{ topProducts { upc name price weight } }'

async function fetchUsers() {
  const { users } = await ask('accounts', '{ users { id username name } }')
  const selection = `{ reviews { id body product { upc ${DEEP} } } }`
  spread(users, 'id', await entities('reviews', 'User', 'id', users, selection))
  return users
}

async function addTopReviews(topProducts) {
  spread(topProducts, 'upc', await entities('reviews', 'Product', 'upc', topProducts, `{ ${DEEP} }`))
}

const reviewsOf = (objects) => objects.flatMap(({ reviews }) => reviews)
const productsOf = (objects) => reviewsOf(objects).map(({ product }) => product)
const authorsOf = (objects) => reviewsOf(objects).map(({ author }) => author)

async function largeAsPlanned() {
  const [users, topProducts] = await Promise.all([usersAsPlanned(), topAsPlanned()])
  return { users, topProducts }
}

async function usersAsPlanned() {
  const users = await fetchUsers()
  const near = distinctObjects(productsOf(users))
  const authors = distinctObjects(authorsOf(near))
  const far = distinctObjects(productsOf(authors))
  await Promise.all([addProductsAsPlanned(near), addNames(authors), addProductsAsPlanned(far)])
  return users
}

async function topAsPlanned() {
  const { topProducts } = await ask('products', TOP)
  const withReviews = addTopReviews(topProducts).then(async () => {
    const authors = distinctObjects(authorsOf(topProducts))
    await Promise.all([addNames(authors), addProductsAsPlanned(distinctObjects(productsOf(authors)))])
  })
  await Promise.all([withReviews, addStock(topProducts)])
  return topProducts
}

async function largeLean() {
  const [users, topProducts] = await Promise.all([
    fetchUsers(),
    ask('products', TOP).then(async ({ topProducts: found }) => {
      await addTopReviews(found)
      return found
    }),
  ])
  const near = distinctObjects(productsOf(users))
  const authors = distinctObjects([...authorsOf(near), ...authorsOf(topProducts)])
  const products = distinctObjects([...near, ...productsOf(authors)])
  await Promise.all([
    addNames(authors),
    entities('products', 'Product', 'upc', products, '{ name price weight }').then(async (found) => {
      spread(products, 'upc', found)
      await addStock([...topProducts, ...products])
    }),
  ])
  return { users, topProducts }
}

/** One entity may stand in several places as one object after `spread`; once is enough. */
function distinctObjects(objects) {
  return [...new Set(objects)]
}

async function page(first) {
  const { topProducts } = await ask(
    'products',
    'query($first: Int!) { topProducts(first: $first) { upc name price weight } }',
    { first },
  )
  const withAuthors = entities(
    'reviews',
    'Product',
    'upc',
    topProducts,
    '{ reviews { id body author { id username } } }',
  ).then(async (found) => {
    spread(topProducts, 'upc', found)
    await addNames(authorsOf(topProducts))
  })
  await Promise.all([withAuthors, addStock(topProducts)])
  return {
    topProducts: topProducts.map(({ upc, name, inStock, shippingEstimate, reviews }) => ({
      upc,
      name,
      inStock,
      shippingEstimate,
      reviews,
    })),
  }
}

const tiny = () => ask('products', '{ topProducts(first: 3) { upc name price } }')
const large = process.env.BFF_STYLE === 'lean' ? largeLean : largeAsPlanned

serve({
  '/tiny': async () => ({ data: await tiny() }),
  '/page': async (search) => ({ data: await page(Number(search.get('first'))) }),
  '/large': async () => ({ data: await large() }),
})
