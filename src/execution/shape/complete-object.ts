import { isNonNullType } from 'graphql'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import { setOwn } from '../own-property.js'
import { compileComplete } from './complete-value.js'
import type { DenialTree } from './denial-tree.js'
import type { AskedField } from './selections.js'
import type { Shaping } from './shaping.js'
import type { Trail } from './trail.js'

/** Projects an object of a known type; undefined when a null propagates to it. */
export type CompleteObject = (record: RawObject, trail: Trail, shaping: Shaping) => RawObject | undefined

/** Gives a field's value of an object; undefined for a null in a non-null position. */
type CompleteField = (record: RawObject, trail: Trail, shaping: Shaping) => unknown

interface CompiledField {
  readonly key: string
  readonly nullable: boolean
  readonly complete: CompleteField
}

/**
 * Compiles the projection of one object type: its fields in the order of the answer.
 *
 * Without a type's name, a field that is refused under any type is refused.
 */
export function compileObject(typeName: string | undefined, asked: readonly AskedField[]): CompleteObject {
  const fields = asked.map(compileField)
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
      const value = field.complete(record, trail, shaping)
      if (value === undefined) return undefined
      setOwn(shaped, key, value)
    }
    return shaped
  }
}

function compileField(field: AskedField): CompiledField {
  const { key } = field
  switch (field.kind) {
    case 'typename':
      return { key, nullable: true, complete: () => field.name }
    case 'introspection':
      return { key, nullable: true, complete: (_record, _trail, shaping) => shaping.introspected(key) }
    case 'data': {
      const complete = compileComplete(field)
      const { read } = field
      return {
        key,
        nullable: !isNonNullType(field.type),
        complete: (record, trail, shaping) => complete(read(record), trail, key, shaping),
      }
    }
  }
}

function isRefused(denial: DenialTree | undefined, typeName: string | undefined): boolean {
  if (denial === undefined) return false
  return typeName === undefined ? denial.parentTypes.size > 0 : denial.parentTypes.has(typeName)
}
