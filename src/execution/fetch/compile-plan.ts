import type { ConditionNode, FetchNode, FlattenSegment, PlanNode } from '../../kernel/query-plan.js'
import { compileBatch } from './entity-batch.js'
import { compileEntityFetch } from './entity-fetch.js'
import { compileRootFetch } from './root-fetch.js'
import type { PlanTools, Step } from './run.js'

/**
 * Compiles a plan node into a chain of functions; `segments` is the flatten path from the root.
 *
 * Everything that depends on the plan alone is decided here, once per plan.
 */
export function compilePlanNode(node: PlanNode, segments: readonly FlattenSegment[], tools: PlanTools): Step {
  switch (node.kind) {
    case 'Sequence':
      return sequence(node.nodes.map((inner) => compilePlanNode(inner, segments, tools)))
    case 'Parallel':
      return parallel(node.nodes.map((inner) => compilePlanNode(inner, segments, tools)))
    case 'Flatten':
      return compilePlanNode(node.node, [...segments, ...node.path], tools)
    case 'Condition':
      return compileCondition(node, segments, tools)
    case 'Fetch':
      return compileFetch(node, segments, tools)
    case 'BatchFetch':
      return compileEntityFetch(
        node,
        node.batches.map((batch) => compileBatch(batch, node, tools)),
        tools,
      )
  }
}

function compileFetch(node: FetchNode, segments: readonly FlattenSegment[], tools: PlanTools): Step {
  if (node.requires === undefined) return compileRootFetch(node, segments, tools)
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
    node,
    tools,
  )
  return compileEntityFetch(node, [only], tools)
}

function compileCondition(node: ConditionNode, segments: readonly FlattenSegment[], tools: PlanTools): Step {
  const ifTrue = node.ifTrue && compilePlanNode(node.ifTrue, segments, tools)
  const ifFalse = node.ifFalse && compilePlanNode(node.ifFalse, segments, tools)
  return (run) => {
    const holds = Object.hasOwn(run.variables, node.variable) && run.variables[node.variable] === true
    return (holds ? ifTrue : ifFalse)?.(run)
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
