import type { VariableValues } from '../../kernel/operation.js'

/** A number that is known already, or the place where evaluation puts it. */
export type Term = number | Slot

interface Slot {
  readonly index: number
}

type Step = (values: readonly number[], variables: VariableValues) => number

/** The largest cost that is told apart from larger ones: products of it still fit a double. */
export const MOST_COST = Number.MAX_SAFE_INTEGER

/** Reads something from the variables; undefined where they do not say. */
export type ReadVariables = (variables: VariableValues) => number

/** A cost as it depends on variables. */
export type EvaluateCost = (variables: VariableValues) => number

/**
 * Builds the calculation of a cost as a straight line of steps.
 *
 * What depends on no variable is worked out while building, so that most operations end as a single number. A part
 * that stands at several places is one slot, computed once: however often fragments are spread, an evaluation takes
 * each step once. Costs never exceed {@link MOST_COST}.
 */
export class CostProgram {
  readonly #steps: Step[] = []

  read(step: ReadVariables): Term {
    return this.#add((_values, variables) => step(variables))
  }

  sum(terms: readonly Term[]): Term {
    const { known, slots } = split(terms)
    const constant = saturate(known.reduce((total, value) => saturate(total + value), 0))
    if (slots.length === 0) return constant
    if (slots.length === 1 && constant === 0) return slots[0] ?? 0
    const indices = slots.map(({ index }) => index)
    return this.#add((values) => indices.reduce((total, index) => total + (values[index] ?? 0), constant))
  }

  times(left: Term, right: Term): Term {
    if (left === 0 || right === 0) return 0
    if (left === 1) return right
    if (right === 1) return left
    if (typeof left === 'number') {
      if (typeof right === 'number') return saturate(left * right)
      const { index } = right
      return this.#add((values) => left * (values[index] ?? 0))
    }
    if (typeof right === 'number') return this.times(right, left)
    return this.#add((values) => (values[left.index] ?? 0) * (values[right.index] ?? 0))
  }

  max(terms: readonly Term[]): Term {
    const { known, slots } = split(terms)
    const least = known.length === 0 ? -Infinity : Math.max(...known)
    const indices = [...new Set(slots.map(({ index }) => index))]
    if (indices.length === 0) return known.length === 0 ? 0 : least
    if (indices.length === 1 && known.length === 0) return slots[0] ?? 0
    return this.#add((values) => indices.reduce((most, index) => Math.max(most, values[index] ?? 0), least))
  }

  /** The whole calculation; a number where no variable matters. */
  finish(result: Term): number | EvaluateCost {
    if (typeof result === 'number') return result
    const steps = this.#steps
    return (variables) => {
      const values: number[] = []
      for (const step of steps) values.push(saturate(step(values, variables)))
      return values[result.index] ?? 0
    }
  }

  #add(step: Step): Slot {
    return { index: this.#steps.push(step) - 1 }
  }
}

function split(terms: readonly Term[]): { known: number[]; slots: Slot[] } {
  const known: number[] = []
  const slots: Slot[] = []
  for (const term of terms) {
    if (typeof term === 'number') known.push(term)
    else slots.push(term)
  }
  return { known, slots }
}

function saturate(value: number): number {
  return Math.max(-MOST_COST, Math.min(value, MOST_COST))
}
