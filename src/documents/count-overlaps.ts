import { Kind, type SelectionSetNode } from 'graphql'
import type { FragmentsByName } from '../kernel/fragments-by-name.js'

/**
 * Counts the pairs of fields that share a place in the response, with fragments expanded.
 *
 * Validation compares every such pair (GraphQL specification §5.3.2), which is quadratic in repeated fields.
 * This count is linear in the expanded selections; call it only once they are known to be few, and to be finite.
 */
export function countOverlaps(selectionSet: SelectionSetNode, fragments: FragmentsByName): number {
  return countAmong([selectionSet], fragments)
}

function countAmong(selectionSets: readonly SelectionSetNode[], fragments: FragmentsByName): number {
  const places = new Map<string, Place>()
  for (const selectionSet of selectionSets) collectPlaces(selectionSet, fragments, places)
  let pairs = 0
  for (const { fields, below } of places.values()) {
    pairs += (fields * (fields - 1)) / 2
    if (below.length > 0) pairs += countAmong(below, fragments)
  }
  return pairs
}

/** One response key of one level: how many fields write it, and what they select below. */
interface Place {
  fields: number
  readonly below: SelectionSetNode[]
}

function collectPlaces(
  selectionSet: SelectionSetNode,
  fragments: FragmentsByName,
  places: Map<string, Place>,
): void {
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.FIELD) {
      const key = (selection.alias ?? selection.name).value
      const place = places.get(key) ?? { fields: 0, below: [] }
      places.set(key, place)
      place.fields += 1
      if (selection.selectionSet !== undefined) place.below.push(selection.selectionSet)
      continue
    }
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.selectionSet
        : fragments.get(selection.name.value)?.selectionSet
    if (inner !== undefined) collectPlaces(inner, fragments, places)
  }
}
