import type { RequestRule } from './options.js'
import { foldName, whyNotBeginning, whyNotRequest } from './protected-names.js'

/** Says what is wrong with rules that are applied in this order; each finding is a sentence. */
export function findRequestFaults(rules: readonly RequestRule[]): readonly string[] {
  const faults: string[] = []
  /** What rules so far can have written: folded names and beginnings. */
  const written = new Set<string>()
  const beginnings: string[] = []
  const isWritten = (name: string) =>
    written.has(foldName(name)) || beginnings.some((beginning) => foldName(name).startsWith(beginning))

  const write = (name: string) => {
    const fault = whyNotRequest(name)
    if (fault !== undefined) faults.push(fault)
    written.add(foldName(name))
  }

  for (const { propagate, set, rename, to, remove } of rules) {
    if (propagate?.endsWith('*') === true) {
      const beginning = propagate.slice(0, -1)
      const fault = whyNotBeginning(beginning)
      if (fault !== undefined) faults.push(fault)
      beginnings.push(foldName(beginning))
    } else if (propagate !== undefined) write(propagate)
    if (set !== undefined) write(set)
    if (to !== undefined) write(to)
    for (const name of [rename, remove]) {
      if (name === undefined || name.endsWith('*') || isWritten(name)) continue
      faults.push(`${name} is written by no rule before: there is nothing to rename or remove`)
    }
  }
  return faults
}
