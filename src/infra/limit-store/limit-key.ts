import type { Budget, Claim } from '../../kernel/ports/limit-store.js'

/**
 * The key of a count.
 *
 * What stands in braces alone decides the slot of Redis Cluster, so that all keys of one partition can be changed by one
 * script. A count under another algorithm is another count, and so is a sliding window of another length; one under
 * another limit goes on, and so does a bucket that is refilled otherwise.
 */
export function toLimitKey(partition: string, { budget, subject }: Claim): string {
  return `{${encodeURIComponent(partition)}}${labelOf(budget)}${subject}`
}

const labels = new WeakMap<Budget, string>()

function labelOf(budget: Budget): string {
  let label = labels.get(budget)
  if (label === undefined) {
    const kind = budget.algorithm === 'slidingWindow' ? `w${budget.windowMs}` : 'b'
    label = `limit:${kind}:${budget.name}:`
    labels.set(budget, label)
  }
  return label
}
