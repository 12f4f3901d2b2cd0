import type { GraphQLSchema } from 'graphql'
import type { PlanKey } from './plan-keys.js'

/** A composed graph that was read and checked: the input from which a generation is made. */
export interface Supergraph {
  /** Hex SHA-256 of the SDL; names the supergraph in caches, logs and health. */
  readonly id: string
  /** The full SDL, with every directive: policies are compiled from this and nothing else. */
  readonly sdl: string
  /** The schema built from the full SDL, federation machinery and inaccessible elements included. */
  readonly schema: GraphQLSchema
  /** What clients see. */
  readonly apiSchema: GraphQLSchema
  readonly subgraphs: readonly Subgraph[]
  /** How clients' aliases are called on the way to planners and back. */
  readonly planKey: PlanKey
}

export interface Subgraph {
  /** The name by which plans, options and logs call it, as it was composed. */
  readonly name: string
  readonly url: string
}
