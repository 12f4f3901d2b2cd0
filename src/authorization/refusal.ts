import type { Denial } from '../kernel/denial.js'
import type { Question } from './questions.js'

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

export function toRefusal({ path, info }: Question, verdict: Verdict): Refusal {
  return {
    path,
    coordinate: coordinateOf(info),
    parentType: info.parentType.name,
    verdict,
    underAbstract: typeof info.path.prev?.key === 'number',
  }
}

export function coordinateOf({ parentType, fieldName }: Question['info']): string {
  return `${parentType.name}.${fieldName}`
}
