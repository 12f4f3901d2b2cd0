/** `/mobile/home` as a good engineer writes it by hand, with the fetches of the gateway's plan. */
import { createLocalJWKSet, jwtVerify } from 'jose'
import { readFileSync } from 'node:fs'
import { ask, serve } from './http-json.mjs'

const keys = createLocalJWKSet(JSON.parse(readFileSync(process.env.JWKS_FILE, 'utf8')))
const verified = new Map()

/** A signature is checked once per token. */
async function identify({ authorization = '' }) {
  const token = authorization.slice('Bearer '.length)
  let claims = verified.get(token)
  if (claims === undefined) {
    claims = (await jwtVerify(token, keys, { audience: 'gatehouse' })).payload
    if (verified.size >= 10_000) verified.clear()
    verified.set(token, claims)
  }
  if (claims.exp * 1000 < Date.now()) throw new Error('expired')
  return claims
}

const ENTITY =
  'query($representations: [_Any!]!) { _entities(representations: $representations) { ... on User'
const PRODUCTS = `${ENTITY} { recommendedProducts(first: 10) { id name image(width: 200) { url width height } price { amount currency } } } } }`
const CART = `${ENTITY} { cart { itemCount } } } }`

async function home(_search, headers) {
  await identify(headers)
  const { me } = await ask('user', '{ me { id firstName unreadNotifications } }')
  const variables = { representations: [{ __typename: 'User', id: me.id }] }
  const [products, order] = await Promise.all([
    ask('product', PRODUCTS, variables),
    ask('order', CART, variables),
  ])
  return {
    greeting: `Hello, ${me.firstName}!`,
    recommendedProducts: products._entities[0].recommendedProducts,
    cartItemCount: order._entities[0].cart.itemCount,
    unreadNotifications: me.unreadNotifications,
  }
}

serve({ '/mobile/home': home })
