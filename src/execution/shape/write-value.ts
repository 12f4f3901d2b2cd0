import {
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql'
import type { DataLayout, RawObject } from '../../kernel/fetch-outcome.js'
import { isRecord } from '../../kernel/is-record.js'
import { entityAt } from '../../kernel/read-field.js'
import { writeJson } from '../json/write-json.js'
import { EntityMemo } from '../layout/entity-memo.js'
import { isList } from '../own-property.js'
import { compileLeaf } from './leaf.js'
import type { AskedField, DataField, Selections } from './selections.js'

/**
 * Writes a value of a subgraph as the client's JSON.
 *
 * Knows no faults: returns undefined for whatever would need an error or make another value null, and the whole
 * answer is then completed the long way (complete-value.ts), which gives the same answer where there is no fault.
 */
export type Write = (value: unknown, isEscapeFree: boolean) => string | undefined

/** Writes the fields of an object of a known type. */
export type WriteObject = (record: RawObject, isEscapeFree: boolean) => string | undefined

/** The text of an object, on the entity that decides all of it. */
const TEXT = new EntityMemo<string>('text')

/**
 * Compiles the writing of one object type.
 *
 * Where an entity decides all that is asked, as often in lists, its text is made once and not at every place.
 */
export function compileWriteObject(asked: readonly AskedField[], layout: DataLayout): WriteObject {
  const write = compileFields(asked)
  const slot = layout.decidedBy(asked.flatMap((field) => (field.kind === 'data' ? [field.planKey] : [])))
  if (slot === undefined) return write
  return (record, isEscapeFree) => {
    const entity = entityAt(record, slot)
    if (entity === undefined) return write(record, isEscapeFree)
    const known = TEXT.recall(entity, write)
    if (known !== undefined) return known
    const text = write(record, isEscapeFree)
    if (text !== undefined) TEXT.keep(entity, write, text)
    return text
  }
}

function compileFields(asked: readonly AskedField[]): WriteObject {
  const fields = asked.map(compileField)
  if (fields.length === 0) return () => '{}'
  return (record, isEscapeFree) => {
    let text = ''
    for (const field of fields) {
      const value = field.write(record, isEscapeFree)
      if (value === undefined) return undefined
      text += field.label + value
    }
    return `${text}}`
  }
}

interface CompiledField {
  /** What stands before the value: `{"first":` or `,"next":` */
  readonly label: string
  readonly write: WriteObject
}

function compileField(field: AskedField, index: number): CompiledField {
  return { label: `${index === 0 ? '{' : ','}${JSON.stringify(field.key)}:`, write: compileFieldValue(field) }
}

function compileFieldValue(field: AskedField): WriteObject {
  switch (field.kind) {
    case 'typename': {
      const text = JSON.stringify(field.name)
      return () => text
    }
    case 'introspection':
      return () => undefined
    case 'data': {
      const { read } = field
      const write = writeType(field.type, field)
      return (record, isEscapeFree) => write(read(record), isEscapeFree)
    }
  }
}

function writeType(type: GraphQLOutputType, field: DataField): Write {
  if (!isNonNullType(type)) return writeNullable(writePresent(type, field))
  return writePresent(type.ofType, field)
}

function writeNullable(write: Write): Write {
  return (value, isEscapeFree) =>
    value === null || value === undefined ? 'null' : write(value, isEscapeFree)
}

/** A null does not fit any of these: it would be a null in a non-null position. */
function writePresent(type: GraphQLOutputType, field: DataField): Write {
  if (isListType(type)) return writeList(writeType(type.ofType, field))
  if (isLeafType(type)) return writeLeaf(type)
  if (isObjectType(type))
    return writeRecord(() => compileWriteObject(field.below.fieldsOf(type), field.below.layout))
  return isNonNullType(type) ? writePresent(type.ofType, field) : writeAbstract(type, field.below)
}

function writeList(writeItem: Write): Write {
  return (value, isEscapeFree) => {
    if (!isList(value)) return undefined
    let text = ''
    for (let index = 0; index < value.length; index += 1) {
      const item = writeItem(value[index], isEscapeFree)
      if (item === undefined) return undefined
      text += index === 0 ? item : `,${item}`
    }
    return `[${text}]`
  }
}

/** Compiled with the first object: what a list that is always empty would hold costs nothing. */
function writeRecord(compile: () => WriteObject): Write {
  let write: WriteObject | undefined
  return (value, isEscapeFree) => {
    if (!isRecord(value)) return undefined
    write ??= compile()
    return write(value, isEscapeFree)
  }
}

function writeAbstract(type: GraphQLAbstractType, below: Selections): Write {
  const writers = new Map<string | undefined, WriteObject | undefined>()
  return (value, isEscapeFree) => {
    if (!isRecord(value)) return undefined
    const name = below.typenameOf(value)
    let write = writers.get(name)
    if (write === undefined) {
      const fields = fieldsFor(name, type, below)
      if (fields === undefined) return undefined
      write = compileWriteObject(fields, below.layout)
      writers.set(name, write)
    }
    return write(value, isEscapeFree)
  }
}

function fieldsFor(
  name: string | undefined,
  type: GraphQLAbstractType,
  below: Selections,
): readonly AskedField[] | undefined {
  if (name === undefined) return below.commonFieldsOf(type)
  const runtimeType: GraphQLObjectType | undefined = below.typeOf(name, type)
  return runtimeType && below.fieldsOf(runtimeType)
}

function writeLeaf(type: GraphQLLeafType): Write {
  const leaf = compileLeaf(type)
  // The names of enum values need no escaping.
  if (isEnumType(type)) return (value) => (leaf(value) === undefined ? undefined : `"${String(value)}"`)
  return (value, isEscapeFree) => {
    const completed = leaf(value)
    return completed === undefined || completed === null ? undefined : writeJson(completed, isEscapeFree)
  }
}
