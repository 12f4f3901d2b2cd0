import type { Json } from '../../kernel/json.js'

/** Response keys and list positions. */
export type AnswerPath = readonly (string | number)[]

/** Where a value stands: enough to make it null, or what is around it. */
export interface Step {
  readonly container: Record<string, Json | null> | (Json | null)[]
  readonly key: string | number
  readonly isNullable: boolean
  readonly above: Step | undefined
}

/** Makes a value null, or the nearest place above it that may be null (GraphQL specification §6.4.4). */
export function makeNull(step: Step): void {
  let place: Step = step
  while (!place.isNullable && place.above !== undefined) place = place.above
  Reflect.set(place.container, place.key, null)
}

/** Where it stands in the answer's data. */
export function pathOf(step: Step): AnswerPath {
  const path: (string | number)[] = []
  // The outermost step is `data` itself.
  for (let at: Step = step; at.above !== undefined; at = at.above) path.unshift(at.key)
  return path
}
