import type { RawObject } from '../../kernel/fetch-outcome.js'
import { ownValue, setOwn } from '../own-property.js'
import type { DenialTree } from './denial-tree.js'
import type { Complete, CompleteObject } from './completer.js'

/** A field of one object type as an operation asks for it. */
export interface ShapedField {
  readonly key: string
  readonly nullable: boolean
  readonly complete: Complete
}

/**
 * Compiles the projection of one object type: its fields in the order of the answer.
 *
 * Without a type's name, a field that is refused under any type is refused.
 */
export function compileFieldLoop(
  typeName: string | undefined,
  fields: readonly ShapedField[],
): CompleteObject {
  return (record, trail, shaping) => {
    const shaped: RawObject = {}
    const refused = trail.denials?.children
    for (const field of fields) {
      const { key } = field
      if (refused !== undefined && isRefused(refused.get(key), typeName)) {
        if (!field.nullable) return undefined
        setOwn(shaped, key, null)
        continue
      }
      const value = field.complete(ownValue(record, key), trail, key, shaping)
      if (value === undefined) return undefined
      setOwn(shaped, key, value)
    }
    return shaped
  }
}

function isRefused(denial: DenialTree | undefined, typeName: string | undefined): boolean {
  if (denial === undefined) return false
  return typeName === undefined ? denial.parentTypes.size > 0 : denial.parentTypes.has(typeName)
}
