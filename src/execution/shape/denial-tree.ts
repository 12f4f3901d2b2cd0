import type { Denial } from '../../kernel/denial.js'

/** Denials by response key, walked together with the data. */
export interface DenialTree {
  /** The object types under which the field at this place is refused. */
  readonly parentTypes: ReadonlySet<string>
  readonly children: ReadonlyMap<string, DenialTree>
}

interface GrowingTree {
  readonly parentTypes: Set<string>
  readonly children: Map<string, GrowingTree>
}

/** Makes the tree of a request's denials; undefined when there are none. */
export function growDenialTree(denials: readonly Denial[]): DenialTree | undefined {
  if (denials.length === 0) return undefined
  const root = seedling()
  for (const denial of denials) {
    let place = root
    for (const key of denial.path) {
      const next = place.children.get(key) ?? seedling()
      place.children.set(key, next)
      place = next
    }
    for (const type of denial.parentTypes) place.parentTypes.add(type)
  }
  return root
}

function seedling(): GrowingTree {
  return { parentTypes: new Set(), children: new Map() }
}
