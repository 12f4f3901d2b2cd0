import { holds } from '../../kernel/condition-variables.js'
import type { ConditionNode, FetchNode, FlattenSegment, PlanNode, RootNode } from '../../kernel/query-plan.js'
import { compileBatch } from './entity-batch.js'
import { compileEntityFetch } from './entity-fetch.js'
import { compileEventFetch, compileRootFetch } from './root-fetch.js'
import type { PlanScope, Step } from './run.js'

/** Compiles a whole plan; that of a subscription into what is run for each of its events. */
export function compileRoot(root: RootNode, scope: PlanScope): Step {
  if (root.kind !== 'Subscription') return compilePlanNode(root, [], scope)
  const takeEvent = compileEventFetch(root.primary, scope)
  return root.rest ? sequence([takeEvent, compilePlanNode(root.rest, [], scope)]) : takeEvent
}

/**
 * Compiles a plan node into a chain of functions; `segments` is the flatten path from the root.
 *
 * Everything that depends on the plan alone is decided here, once per plan.
 */
function compilePlanNode(node: PlanNode, segments: readonly FlattenSegment[], scope: PlanScope): Step {
  switch (node.kind) {
    case 'Sequence':
      return sequence(node.nodes.map((inner) => compilePlanNode(inner, segments, scope)))
    case 'Parallel':
      return parallel(node.nodes.map((inner) => compilePlanNode(inner, segments, scope)))
    case 'Flatten':
      return compilePlanNode(node.node, [...segments, ...node.path], scope)
    case 'Condition':
      return compileCondition(node, segments, scope)
    case 'Fetch':
      return compileFetch(node, segments, scope)
    case 'BatchFetch':
      return compileEntityFetch(
        node,
        node.batches.map((batch) => compileBatch(batch, scope.layout.slotFor(batch), node, scope)),
        scope,
      )
  }
}

function compileFetch(node: FetchNode, segments: readonly FlattenSegment[], scope: PlanScope): Step {
  if (node.requires === undefined) return compileRootFetch(node, segments, scope)
  const { requires, inputRewrites, outputRewrites } = node
  const only = compileBatch(
    {
      alias: '_entities',
      representationsVariable: 'representations',
      paths: [segments],
      requires,
      inputRewrites,
      outputRewrites,
    },
    scope.layout.slotFor(node),
    node,
    scope,
  )
  return compileEntityFetch(node, [only], scope)
}

function compileCondition(node: ConditionNode, segments: readonly FlattenSegment[], scope: PlanScope): Step {
  const ifTrue = node.ifTrue && compilePlanNode(node.ifTrue, segments, scope)
  const ifFalse = node.ifFalse && compilePlanNode(node.ifFalse, segments, scope)
  return (run) => {
    return (holds(node.variable, run.variables) ? ifTrue : ifFalse)?.(run)
  }
}

function sequence(steps: readonly Step[]): Step {
  const [only, ...others] = steps
  if (only && others.length === 0) return only
  return async (run) => {
    for (const step of steps) await step(run)
  }
}

function parallel(steps: readonly Step[]): Step {
  return (run) => {
    const waits = steps.map((step) => step(run)).filter((wait) => wait !== undefined)
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
  }
}
