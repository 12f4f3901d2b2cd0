import type { FlattenSegment, PlanNode, RootNode } from '../../kernel/query-plan.js'

/** A plan holds something that the gateway cannot execute, or that contradicts the plan format. */
export class UnsupportedPlan extends Error {
  override readonly name = 'UnsupportedPlan'
}

/** Writes nodes one after another; none and one need no node around them. */
export function sequence(nodes: readonly (PlanNode | undefined)[]): PlanNode | undefined {
  return joined('Sequence', nodes)
}

/** Writes the plans of the parts of one operation one after another; a subscription has one part. */
export function joinParts(parts: readonly (RootNode | undefined)[]): RootNode | undefined {
  if (parts.length === 1) return parts[0]
  return sequence(
    parts.map((part) => {
      if (part?.kind === 'Subscription') throw new UnsupportedPlan('A subscription stands by itself.')
      return part
    }),
  )
}

/** Writes nodes side by side; none and one need no node around them. */
export function parallel(nodes: readonly (PlanNode | undefined)[]): PlanNode | undefined {
  return joined('Parallel', nodes)
}

function joined(
  kind: 'Sequence' | 'Parallel',
  nodes: readonly (PlanNode | undefined)[],
): PlanNode | undefined {
  const present = nodes.filter((node) => node !== undefined)
  return present.length <= 1 ? present[0] : { kind, nodes: present }
}

/** Runs `node` at `path`; a path to the root, which may remain of a condition on the root type, says nothing. */
export function flatten(path: readonly FlattenSegment[], node: PlanNode | undefined): PlanNode | undefined {
  return node && (path.length === 0 ? node : { kind: 'Flatten', path, node })
}

export function condition(
  variable: string,
  ifTrue: PlanNode | undefined,
  ifFalse: PlanNode | undefined,
): PlanNode | undefined {
  return (ifTrue ?? ifFalse) && { kind: 'Condition', variable, ifTrue, ifFalse }
}
