/**
 * graphql-shield rules of the reference shop, written as graphql-shield's own documentation teaches.
 *
 * The gateway decides them before a query is planned: what a rule refuses is never asked of a subgraph. `ctx`
 * has the `principal` (user, tenant, plan, scopes, roles). Scopes that are written in the schema as
 * `@requiresScopes` need no rule here.
 */
import { rule } from 'graphql-shield'

/** An order of nothing, or of a truckload, is a mistake; refused before the order subgraph hears of it. */
const sensibleQuantity = rule('sensibleQuantity', { cache: 'no_cache' })((_parent, args) =>
  args.quantity >= 1 && args.quantity <= 99 ? true : new Error('The quantity must be from 1 to 99.'),
)

export const permissions = {
  Mutation: {
    addToCart: sensibleQuantity,
  },
}
