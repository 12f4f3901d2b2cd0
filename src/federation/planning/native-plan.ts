import type * as native from '@graphql-hive/router-query-planner'
import type {
  BatchFetchNode,
  EntityBatch,
  FetchNode,
  FlattenSegment,
  PlanNode,
  QueryPlan,
  RequiresSelection,
  Rewrite,
  RewriteSegment,
  RootNode,
} from '../../kernel/query-plan.js'
import { condition, flatten, parallel, sequence, UnsupportedPlan } from './plan-shapes.js'

/** What of the schema the translation has to know. */
export interface PlanNames {
  readonly rootTypes: ReadonlySet<string>
}

/** Writes a plan of the native planner in our form. */
export function fromNativePlan(plan: native.QueryPlan, names: PlanNames): QueryPlan {
  return { node: plan.node ? new NativePlanReader(names).root(plan.node) : undefined }
}

class NativePlanReader {
  readonly #names: PlanNames

  constructor(names: PlanNames) {
    this.#names = names
  }

  /** The addon writes what is run for each event behind the subscription, in the same sequence. */
  root(node: native.PlanNode): RootNode | undefined {
    const [first, ...others] = node.kind === 'Sequence' ? node.nodes : [node]
    if (first?.kind !== 'Subscription') return this.node(node)
    const rest = sequence(others.map(this.node))
    return { kind: 'Subscription', primary: readFetch({ ...first.primary, kind: 'Fetch' }), rest }
  }

  readonly node = (node: native.PlanNode): PlanNode | undefined => {
    switch (node.kind) {
      case 'Fetch':
        return readFetch(node)
      case 'BatchFetch':
        return this.#batchFetch(node)
      case 'Sequence':
        return sequence(node.nodes.map(this.node))
      case 'Parallel':
        return parallel(node.nodes.map(this.node))
      case 'Flatten':
        return flatten(this.#path(node.path), this.node(node.node))
      case 'Condition':
        return condition(node.condition, this.#clause(node.ifClause), this.#clause(node.elseClause))
      case 'Subscription':
      case 'Defer':
        throw new UnsupportedPlan(`A ${node.kind} node cannot be executed here.`)
    }
  }

  /** A missing clause is `null` in what the addon returns, whatever its types say. */
  #clause(node: native.PlanNode | null | undefined): PlanNode | undefined {
    return node ? this.node(node) : undefined
  }

  /** Raises conditions on the root type from the front of a path: root data has no `__typename` to compare. */
  #path(path: readonly native.FlattenNodePathSegment[]): readonly FlattenSegment[] {
    const segments = path.map(readSegment)
    const first = segments[0]
    const isOnRoot = first?.kind === 'types' && first.names.some((name) => this.#names.rootTypes.has(name))
    return isOnRoot ? segments.slice(1) : segments
  }

  #batchFetch(node: native.BatchFetchNode): BatchFetchNode {
    return {
      kind: 'BatchFetch',
      subgraph: node.serviceName,
      operation: node.operation,
      operationName: node.operationName,
      variables: node.variableUsages ?? [],
      batches: node.entityBatch.aliases.map((alias) => this.#entityBatch(alias)),
    }
  }

  #entityBatch(batch: native.EntityBatchAlias): EntityBatch {
    return {
      alias: batch.alias,
      representationsVariable: batch.representationsVariableName,
      paths: batch.paths.map((path) => this.#path(path)),
      requires: batch.requires.map(readRequires),
      inputRewrites: (batch.inputRewrites ?? []).map(readRewrite),
      outputRewrites: (batch.outputRewrites ?? []).map(readRewrite),
    }
  }
}

function readFetch(node: native.FetchNode): FetchNode {
  return {
    kind: 'Fetch',
    subgraph: node.serviceName,
    operationType: node.operationKind ?? 'query',
    operation: node.operation,
    operationName: node.operationName,
    variables: node.variableUsages ?? [],
    requires: node.requires?.map(readRequires),
    inputRewrites: (node.inputRewrites ?? []).map(readRewrite),
    outputRewrites: (node.outputRewrites ?? []).map(readRewrite),
  }
}

function readSegment(segment: native.FlattenNodePathSegment): FlattenSegment {
  if (segment === '@') return { kind: 'list' }
  if ('Field' in segment) return { kind: 'key', key: segment.Field }
  return { kind: 'types', names: segment.TypeCondition }
}

function readRequires(selection: native.RequiresSelection): RequiresSelection {
  switch (selection.kind) {
    case 'Field':
      return {
        kind: 'field',
        // The addon names the response key to read and, as its alias, the field to send.
        name: selection.alias ?? selection.name,
        ...(selection.alias === undefined ? {} : { key: selection.name }),
        ...(selection.selections ? { selections: selection.selections.map(readRequires) } : {}),
      }
    case 'InlineFragment':
      if (selection.skipIf !== undefined || selection.includeIf !== undefined) {
        throw new UnsupportedPlan('Representations with conditions cannot be built.')
      }
      return {
        kind: 'inlineFragment',
        typeCondition: selection.typeCondition,
        selections: selection.selections.map(readRequires),
      }
    case 'FragmentSpread':
      throw new UnsupportedPlan('Representations with named fragments cannot be built.')
  }
}

/** Rewrites come as `{ KeyRenamer: … }`, and some as `{ kind: 'ValueSetter', … }`. */
function readRewrite(rewrite: native.FetchRewrite): Rewrite {
  if ('KeyRenamer' in rewrite) {
    const { path, renameKeyTo } = rewrite.KeyRenamer
    return { kind: 'renameKey', path: path.flatMap(readRewriteSegment), to: renameKeyTo }
  }
  const { path, setValueTo } = 'ValueSetter' in rewrite ? rewrite.ValueSetter : rewrite
  return { kind: 'setValue', path: path.flatMap(readRewriteSegment), value: setValueTo }
}

function readRewriteSegment(segment: native.FetchNodePathSegment): RewriteSegment {
  if ('Key' in segment) return { kind: 'key', key: segment.Key }
  return { kind: 'types', names: segment.TypenameEquals }
}
