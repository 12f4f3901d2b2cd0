import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import type { Denial } from '../kernel/denial.js'

export type Verdict = Pick<Denial, 'code' | 'message' | 'extensions'>

/** A refusal as one resolver saw it: one runtime type, one place. */
export interface Refusal {
  readonly path: readonly string[]
  readonly coordinate: string
  readonly parentType: string
  readonly verdict: Verdict
  /** True where the field stands directly on an abstract type's synthetic objects. */
  readonly underAbstract: boolean
}

/**
 * What one asking of the policy has seen so far.
 *
 * Fields under an abstract type are met once per possible type of every abstract type above them; without a
 * memory of what was asked already, nested abstract types would multiply (k types, depth d: k^d resolver calls).
 */
export class RefusalLog {
  readonly refusals: Refusal[] = []
  readonly #asked = new Set<string>()

  /** True when the same selection at the same place and type has not been asked before. */
  isFirst(info: GraphQLResolveInfo): boolean {
    if (!hasListIndex(info.path)) return true
    const nodes = info.fieldNodes.map(numberOf).join(',')
    const key = `${pathOf(info.path).join('.')}|${info.parentType.name}|${nodes}`
    if (this.#asked.has(key)) return false
    this.#asked.add(key)
    return true
  }

  refuse(info: GraphQLResolveInfo, verdict: Verdict): void {
    this.refusals.push({
      path: pathOf(info.path),
      coordinate: `${info.parentType.name}.${info.fieldName}`,
      parentType: info.parentType.name,
      verdict,
      underAbstract: typeof info.path.prev?.key === 'number',
    })
  }
}

type Path = GraphQLResolveInfo['path']

function hasListIndex(path: Path | undefined): boolean {
  for (let at = path; at; at = at.prev) if (typeof at.key === 'number') return true
  return false
}

/** Response keys from the root, list indices left out. */
function pathOf(path: Path): readonly string[] {
  const keys: string[] = []
  for (let at: Path | undefined = path; at; at = at.prev) if (typeof at.key === 'string') keys.push(at.key)
  return keys.reverse()
}

const numbers = new WeakMap<FieldNode, number>()
let lastNumber = 0

/** Tells nodes apart in a text key; unlike their location, which a built document need not have. */
function numberOf(node: FieldNode): number {
  const known = numbers.get(node) ?? ++lastNumber
  numbers.set(node, known)
  return known
}
