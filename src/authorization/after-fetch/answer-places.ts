import type { AnswerPath } from './answer-step.js'

interface Place {
  isMember: boolean
  readonly below: Map<string | number, Place>
}

/**
 * A set of places in an answer, to be asked what is around another one.
 *
 * A tree, because an answer may have as many places as a list has items, and every one is asked about.
 */
export class AnswerPlaces {
  readonly #root = emptyPlace()

  constructor(paths: Iterable<AnswerPath>) {
    for (const path of paths) this.#add(path)
  }

  /** Says whether a member is strictly around a place. */
  isAround(path: AnswerPath): boolean {
    return this.covers(path.slice(0, -1))
  }

  /** Says whether a member is around a place or the place itself. */
  covers(path: AnswerPath): boolean {
    let place: Place | undefined = this.#root
    for (const key of path) {
      if (place.isMember) return true
      place = place.below.get(key)
      if (place === undefined) return false
    }
    return place.isMember
  }

  #add(path: AnswerPath): void {
    let place = this.#root
    for (const key of path) {
      const next = place.below.get(key) ?? emptyPlace()
      place.below.set(key, next)
      place = next
    }
    place.isMember = true
  }
}

function emptyPlace(): Place {
  return { isMember: false, below: new Map() }
}
