import type * as apollo from '@apollo/query-planner'
import type {
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

/** Writes a plan of Apollo's planner in our form. */
export function fromApolloPlan(plan: apollo.QueryPlan): QueryPlan {
  return { node: plan.node && readRoot(plan.node) }
}

function readRoot(node: apollo.PlanNode | apollo.SubscriptionNode): RootNode | undefined {
  if (node.kind !== 'Subscription') return readNode(node)
  return { kind: 'Subscription', primary: readFetch(node.primary), rest: node.rest && readNode(node.rest) }
}

function readNode(node: apollo.PlanNode): PlanNode | undefined {
  switch (node.kind) {
    case 'Fetch':
      return readFetch(node)
    case 'Sequence':
      return sequence(node.nodes.map(readNode))
    case 'Parallel':
      return parallel(node.nodes.map(readNode))
    case 'Flatten':
      return flatten(node.path.flatMap(readSegment), readNode(node.node))
    case 'Condition':
      return condition(
        node.condition,
        node.ifClause && readNode(node.ifClause),
        node.elseClause && readNode(node.elseClause),
      )
    case 'Defer':
      throw new UnsupportedPlan(`A ${node.kind} node cannot be executed yet.`)
  }
}

function readFetch(node: apollo.FetchNode): FetchNode {
  if (node.contextRewrites && node.contextRewrites.length > 0) {
    throw new UnsupportedPlan('Arguments from context cannot be filled in.')
  }
  return {
    kind: 'Fetch',
    subgraph: node.serviceName,
    operationType: node.operationKind,
    operation: node.operation,
    operationName: node.operationName,
    variables: node.variableUsages ?? [],
    requires: node.requires?.map(readRequires),
    inputRewrites: (node.inputRewrites ?? []).map(readRewrite),
    outputRewrites: (node.outputRewrites ?? []).map(readRewrite),
  }
}

/** A segment is `@`, a key, or either with a condition behind it: `items|[Book,Film]`. */
function readSegment(segment: string | number): FlattenSegment[] {
  const [head = '', types] = String(segment).split('|')
  const step: FlattenSegment = head === '@' ? { kind: 'list' } : { kind: 'key', key: head }
  if (types === undefined) return [step]
  return [step, { kind: 'types', names: types.replace(/^\[|\]$/g, '').split(',') }]
}

function readRequires(selection: apollo.QueryPlanSelectionNode): RequiresSelection {
  if (selection.kind === 'InlineFragment') {
    return {
      kind: 'inlineFragment',
      typeCondition: selection.typeCondition,
      selections: selection.selections.map(readRequires),
    }
  }
  return {
    kind: 'field',
    name: selection.alias ?? selection.name,
    ...(selection.selections ? { selections: selection.selections.map(readRequires) } : {}),
  }
}

function readRewrite(rewrite: apollo.FetchDataRewrite): Rewrite {
  const path = rewrite.path.map(readRewriteSegment)
  return rewrite.kind === 'KeyRenamer'
    ? { kind: 'renameKey', path, to: rewrite.renameKeyTo }
    : { kind: 'setValue', path, value: rewrite.setValueTo as unknown }
}

const TYPE_CONDITION = '... on '

function readRewriteSegment(segment: string): RewriteSegment {
  return segment.startsWith(TYPE_CONDITION)
    ? { kind: 'types', names: [segment.slice(TYPE_CONDITION.length)] }
    : { kind: 'key', key: segment }
}
