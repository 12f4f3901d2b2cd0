import type { Denial } from '../kernel/denial.js'
import { isSamePath } from './key-path.js'
import type { Occurrence } from './occurrences.js'
import type { Refusal } from './refusal.js'

/**
 * Joins what resolvers refused into denials: one per path and code.
 *
 * `occurrences` lists what the operation really selected, and is asked for only when something was refused
 * under an abstract type.
 */
export function mergeRefusals(
  refusals: readonly Refusal[],
  occurrences: () => readonly Occurrence[],
  isAbstract: (typeName: string) => boolean,
): readonly Denial[] {
  const merged = new Map<string, Denial & { readonly parentTypes: Set<string> }>()
  for (const { verdict, path, coordinate, parentType } of refusals) {
    const key = `${path.join('.')}|${verdict.code}`
    const known = merged.get(key)
    if (known) known.parentTypes.add(parentType)
    else merged.set(key, { path, parentTypes: new Set([parentType]), coordinate, ...verdict })
  }
  const denials = [...merged.values()]
  if (refusals.some((refusal) => refusal.underAbstract)) {
    const onAbstract = occurrences().filter((occurrence) => isAbstract(occurrence.staticParent))
    for (const denial of denials) widen(denial, denials, onAbstract)
  }
  return denials
}

/**
 * A field selected on an interface needs what every possible implementation needs (security notes, R3): once one
 * type is refused at a place that covers several, all of them are.
 */
function widen(
  denial: Denial & { readonly parentTypes: Set<string> },
  denials: readonly Denial[],
  onAbstract: readonly Occurrence[],
): void {
  const samePath = onAbstract.filter((occurrence) => isSamePath(occurrence.path, denial.path))
  const isDenied = (typeName: string): boolean =>
    denials.some((other) => isSamePath(other.path, denial.path) && other.parentTypes.has(typeName))
  for (let grew = true; grew;) {
    grew = false
    for (const { parentTypes } of samePath) {
      const reached = [...parentTypes]
      const missing = reached.filter((typeName) => !isDenied(typeName))
      if (missing.length === 0 || missing.length === reached.length) continue
      for (const typeName of missing) denial.parentTypes.add(typeName)
      grew = true
    }
  }
}
