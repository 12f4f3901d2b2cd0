import type { GraphQLSchema } from 'graphql'
import { directiveNames, linkedFeatures } from '../kernel/linked-features.js'

/**
 * Finds the names under which a schema knows a directive.
 *
 * Every name that may mean the directive is returned, its plain name included: for cache hints the strictest reading
 * is the safe one.
 */
export function linkedDirectiveNames(schema: GraphQLSchema, name: string): ReadonlySet<string> {
  return new Set([name, ...linkedFeatures(schema).flatMap((feature) => directiveNames(feature, name))])
}
