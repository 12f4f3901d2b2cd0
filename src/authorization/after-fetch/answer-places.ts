import type { AnswerPath } from './answer-step.js'

interface Place {
  isMember: boolean
  readonly below: Map<string | number, Place>
}

/**
 * A set of places in an answer, to be asked what is around another one or in it.
 *
 * A tree, because answers may have as many places as a list has items, and every one is asked about. `@` in a member
 * stands for every position of a list.
 */
export class AnswerPlaces {
  readonly #root: Place = { isMember: false, below: new Map() }

  constructor(paths: Iterable<AnswerPath>) {
    for (const path of paths) this.#add(path)
  }

  /** Says whether a member is strictly around a place. */
  isAround(path: AnswerPath): boolean {
    return this.#follow(path) === 'around'
  }

  /** Says whether a member is around a place or the place itself. */
  covers(path: AnswerPath): boolean {
    const end = this.#follow(path)
    return end === 'around' || end.some(({ isMember }) => isMember)
  }

  /** Says whether a member is around a place, the place itself or in it. */
  touches(path: AnswerPath): boolean {
    const end = this.#follow(path)
    return end === 'around' || end.length > 0
  }

  #add(path: AnswerPath): void {
    let place = this.#root
    for (const key of path) {
      const next = place.below.get(key) ?? { isMember: false, below: new Map<string | number, Place>() }
      place.below.set(key, next)
      place = next
    }
    place.isMember = true
  }

  /** Where a path leads in the tree, unless it comes past a member before its end. */
  #follow(path: AnswerPath): 'around' | readonly Place[] {
    let places = this.#root.isMember || this.#root.below.size > 0 ? [this.#root] : []
    for (const key of path) {
      if (places.some(({ isMember }) => isMember)) return 'around'
      places = places.flatMap(({ below }) => {
        const anywhere = typeof key === 'number' ? below.get('@') : undefined
        return [below.get(key), anywhere].filter((place) => place !== undefined)
      })
      if (places.length === 0) return places
    }
    return places
  }
}
