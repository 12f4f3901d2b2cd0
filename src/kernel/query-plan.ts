import type { DocumentNode } from 'graphql'

/**
 * Our form of a query plan, made by whichever planner is in use (design §4, "Planner").
 *
 * It follows the common federation plan format: the names are those of that format, so that a plan printed by
 * `explain` can be read beside any other gateway's. Variables have the names of `Planned.planVariables`.
 */
export interface QueryPlan {
  /** Undefined where nothing has to be fetched, such as `{ __typename }`. */
  readonly node: RootNode | undefined
}

/** What a plan may begin with. */
export type RootNode = PlanNode | SubscriptionNode

/** Stands at the root only: `primary` is the source of events, `rest` is run for each of them. */
export interface SubscriptionNode {
  readonly kind: 'Subscription'
  readonly primary: FetchNode
  readonly rest: PlanNode | undefined
}

export type PlanNode = FetchNode | BatchFetchNode | SequenceNode | ParallelNode | FlattenNode | ConditionNode

export interface SequenceNode {
  readonly kind: 'Sequence'
  readonly nodes: readonly PlanNode[]
}

export interface ParallelNode {
  readonly kind: 'Parallel'
  readonly nodes: readonly PlanNode[]
}

/** Runs the inner fetch for the entities found at `path`. */
export interface FlattenNode {
  readonly kind: 'Flatten'
  readonly path: readonly FlattenSegment[]
  readonly node: PlanNode
}

/**
 * One step of a flatten path: a response key, every element of a list, or only objects of the named types.
 *
 * The native planner writes one `list` for lists in lists, so a walker goes through all the lists it meets.
 */
export type FlattenSegment =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'list' }
  | { readonly kind: 'types'; readonly names: readonly string[] }

/** Chooses by a boolean variable; made from `@skip` and `@include`. */
export interface ConditionNode {
  readonly kind: 'Condition'
  readonly variable: string
  readonly ifTrue: PlanNode | undefined
  readonly ifFalse: PlanNode | undefined
}

/** One request to one subgraph. */
export interface FetchNode {
  readonly kind: 'Fetch'
  readonly subgraph: string
  readonly operationType: 'query' | 'mutation' | 'subscription'
  /** The text sent to the subgraph. */
  readonly operation: string
  readonly operationName: string | undefined
  /** Parsed form of `operation`, where the planner has it at hand. */
  readonly document?: DocumentNode
  /** Names of the plan's variables that the text uses, beside `$representations`. */
  readonly variables: readonly string[]
  /** What a representation is made of; undefined for root fetches. */
  readonly requires: readonly RequiresSelection[] | undefined
  readonly inputRewrites: readonly Rewrite[]
  readonly outputRewrites: readonly Rewrite[]
}

/**
 * Several entity fetches to one subgraph in one request: each is an `_entities` under an alias of its own.
 *
 * Never stands under a Flatten: every batch brings its own paths.
 */
export interface BatchFetchNode {
  readonly kind: 'BatchFetch'
  readonly subgraph: string
  /** The text sent to the subgraph; always a query. */
  readonly operation: string
  readonly operationName: string | undefined
  readonly document?: DocumentNode
  /** Names of the plan's variables that the text uses, beside the representations. */
  readonly variables: readonly string[]
  readonly batches: readonly EntityBatch[]
}

/** One aliased `_entities` of a BatchFetch. */
export interface EntityBatch {
  /** Response key of its list in the reply's data. */
  readonly alias: string
  /** The variable that takes its representations; must be sent even when empty, for the text declares it. */
  readonly representationsVariable: string
  /** The positions whose entities share this one list of representations; never empty. */
  readonly paths: readonly (readonly FlattenSegment[])[]
  readonly requires: readonly RequiresSelection[]
  readonly inputRewrites: readonly Rewrite[]
  readonly outputRewrites: readonly Rewrite[]
}

export type RequiresSelection =
  | {
      readonly kind: 'field'
      /** As it is sent. */
      readonly name: string
      /** The response key under which the data has it, where that is not its name. */
      readonly key?: string
      readonly selections?: readonly RequiresSelection[]
    }
  | {
      readonly kind: 'inlineFragment'
      readonly typeCondition: string | undefined
      readonly selections: readonly RequiresSelection[]
    }

export type RewriteSegment =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'types'; readonly names: readonly string[] }

/** A change to representations before, or to data after, a fetch. */
export type Rewrite =
  | { readonly kind: 'setValue'; readonly path: readonly RewriteSegment[]; readonly value: unknown }
  | { readonly kind: 'renameKey'; readonly path: readonly RewriteSegment[]; readonly to: string }
