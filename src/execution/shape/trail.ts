import type { ResponsePath } from '../response-path.js'
import type { DenialTree } from './denial-tree.js'

/** Where shaping stands: a step and all steps above it. Made per object and list, not per leaf. */
export interface Trail {
  /** Undefined at the root, whose key counts for nothing. */
  readonly parent: Trail | undefined
  readonly key: string | number
  /** What is refused below this place. */
  readonly denials: DenialTree | undefined
}

/** The trail one step further; list positions do not move in the tree of denials. */
export function advance(parent: Trail, key: string | number): Trail {
  const denials = typeof key === 'number' ? parent.denials : parent.denials?.children.get(key)
  return { parent, key, denials }
}

/** The path of a step below a trail, for errors. */
export function pathOf(trail: Trail, key?: string | number): ResponsePath {
  const path: (string | number)[] = key === undefined ? [] : [key]
  for (let place = trail; place.parent; place = place.parent) path.push(place.key)
  return path.reverse()
}
