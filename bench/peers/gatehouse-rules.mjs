/** Fifty graphql-shield rules: on what the operations select, and on as many fields that they leave alone. */
import { rule } from 'graphql-shield'
import { PREFERENCE_COUNT } from '../graph/schemas.mjs'

const named = (name, decide) => rule(name, { cache: 'no_cache' })(decide)
const isTenant = (name) => named(name, (_parent, _args, ctx) => ctx.principal.tenant === 'acme')

const preferences = Object.fromEntries(
  Array.from({ length: PREFERENCE_COUNT }, (_, index) => [
    `option${index + 1}`,
    named(`mayReadOption${index + 1}`, (_parent, _args, ctx) => ctx.principal.scopes.has('profile')),
  ]),
)

export const permissions = {
  Query: {
    me: named('isSignedIn', (_parent, _args, ctx) => ctx.principal.userId !== undefined),
    user: isTenant('mayReadUser'),
    users: isTenant('mayReadUsers'),
    topProducts: named('fewAtOnce', (_parent, args) => args.first <= 50),
  },
  User: {
    username: isTenant('mayReadUsername'),
    birthday: isTenant('mayReadBirthday'),
    numberOfReviews: isTenant('mayCountReviews'),
    reviews: isTenant('mayReadReviewsOfUser'),
  },
  Product: {
    name: isTenant('mayReadProductName'),
    weight: isTenant('mayReadWeight'),
    shippingEstimate: isTenant('mayReadShipping'),
    reviews: isTenant('mayReadReviewsOfProduct'),
  },
  Review: { author: isTenant('mayReadAuthor'), product: isTenant('mayReadReviewed') },
  Preferences: preferences,
}
