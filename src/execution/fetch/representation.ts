import type { DataLayout, RawObject } from '../../kernel/fetch-outcome.js'
import type { RequiresSelection, Rewrite } from '../../kernel/query-plan.js'
import { writeJson } from '../json/write-json.js'
import { EntityMemo } from '../layout/entity-memo.js'
import { compileReadTypename } from '../../kernel/read-typename.js'
import { entityAt } from '../../kernel/read-field.js'
import { compileIdentifying, type EntityKeys, type IsIdentifying } from './entity-keys.js'
import { compilePicks, compileValue, type Gaps, type PickValue, type RequiredField } from './pick-required.js'
import { compileRewrites } from './rewrites.js'
import { typenameOf, type TypeIndex } from './type-index.js'

/** One entity to be asked for, and every object of the answer that waits for it. */
export interface EntityRequest {
  /** What stands for the entity (Apollo subgraph specification, `_Any`), as JSON text. */
  readonly text: string
  readonly typename: string
  /** False where a required field, or something inside it, is missing: it is left out of the text. */
  readonly isComplete: boolean
  readonly targets: RawObject[]
}

/** The entities of one request to a subgraph, each distinct representation once. */
export class EntityRequests {
  readonly #byText = new Map<string, EntityRequest>()
  /** Requests by the values of their fields, one after the other, so that equal ones are found without a text. */
  readonly byValues: ValueIndex = new Map()

  get all(): readonly EntityRequest[] {
    return [...this.#byText.values()]
  }

  /** Finds the request with this text or opens it. */
  open(text: string, typename: string, isComplete: boolean): EntityRequest {
    let request = this.#byText.get(text)
    if (request === undefined) {
      request = { text, typename, isComplete, targets: [] }
      this.#byText.set(text, request)
    }
    return request
  }
}

/** Finds or opens the request for an object; undefined where what is known of it does not name an entity. */
export type Represent = (
  object: RawObject,
  into: EntityRequests,
  isEscapeFree: boolean,
) => EntityRequest | undefined

/** What representations of one batch are made of and for. */
export interface RepresentationPlan {
  readonly requires: readonly RequiresSelection[]
  readonly inputRewrites: readonly Rewrite[]
  readonly subgraph: string
  /** The position of the objects. */
  readonly layout: DataLayout
  /** Where the entities will hang, if they will. */
  readonly slot: symbol | undefined
}

interface RepresentationTools {
  readonly types: TypeIndex
  readonly entityKeys: EntityKeys
}

/** Compiles how the objects at one position are represented. */
export function compileRepresent(plan: RepresentationPlan, tools: RepresentationTools): Represent {
  return plan.inputRewrites.length === 0 ? compileWriting(plan, tools) : compileRewriting(plan, tools)
}

/** Makes an object first, since rewrites may change any part of it. */
function compileRewriting(plan: RepresentationPlan, { types, entityKeys }: RepresentationTools): Represent {
  const pick = compilePicks(plan.requires, { parent: undefined, layout: plan.layout, types })
  const rewrite = compileRewrites(plan.inputRewrites, types)
  return (object, into) => {
    const picked: RawObject = {}
    const gaps: Gaps = { isFound: false }
    pick(object, picked, gaps)
    rewrite?.(picked)
    const typename = typenameOf(picked)
    if (typename === undefined) return undefined
    const isIdentifying = compileIdentifying(entityKeys(plan.subgraph, typename), Object.keys(picked))
    if (!isIdentifying(Object.values(picked))) return undefined
    return into.open(JSON.stringify(picked), typename, !gaps.isFound)
  }
}

/** The fields of the representations of one type, and which of them make a key. */
interface WrittenType {
  readonly fields: readonly WrittenField[]
  readonly isIdentifying: IsIdentifying
}

interface WrittenField {
  /** `"name":` */
  readonly label: string
  readonly pick: PickValue
}

/** Writes the text straight from the data, once for equal ones; fields are gathered once for each type that turns up. */
function compileWriting(plan: RepresentationPlan, tools: RepresentationTools): Represent {
  const readTypename = compileReadTypename(plan.layout, tools.types.isObject)
  const writtenTypes = new Map<string, WrittenType>()

  function writtenType(typename: string): WrittenType {
    let type = writtenTypes.get(typename)
    if (type === undefined) {
      type = gatherFields(plan, typename, tools)
      writtenTypes.set(typename, type)
    }
    return type
  }

  function find(object: RawObject, into: EntityRequests, isEscapeFree: boolean): EntityRequest | undefined {
    const typename = readTypename(object)
    if (typename === undefined) return undefined
    const { fields, isIdentifying } = writtenType(typename)
    let index = step(into.byValues, typename)
    const values: unknown[] = []
    const gaps: Gaps = { isFound: false }
    for (const { pick } of fields) {
      const value = pick(object, gaps)
      values.push(value)
      index = step(index, value)
    }
    const known = index.get(REQUEST) as EntityRequest | undefined
    if (known !== undefined || !isIdentifying(values)) return known
    const isComplete = !gaps.isFound && !values.includes(undefined)
    const request = into.open(writeFields(fields, values, isEscapeFree), typename, isComplete)
    index.set(REQUEST, request)
    return request
  }

  const slot = plan.layout.decidedBy(requiredKeys(plan.requires), plan.slot)
  if (slot === undefined) return find
  // All objects on which one entity hangs lead to one request: it is found once.
  return (object, into, isEscapeFree) => {
    const entity = entityAt(object, slot)
    if (entity === undefined) return find(object, into, isEscapeFree)
    const known = LEADS_TO.recall(entity, into)
    if (known !== undefined) return known
    const request = find(object, into, isEscapeFree)
    if (request !== undefined) LEADS_TO.keep(entity, into, request)
    return request
  }
}

/** On an entity: the request that it leads to. */
const LEADS_TO = new EntityMemo<EntityRequest>('leads to')

/** Every key that a representation may be made of, whatever the type. */
function requiredKeys(selections: readonly RequiresSelection[]): readonly string[] {
  return selections.flatMap((selection) =>
    selection.kind === 'field' ? [selection.key ?? selection.name] : requiredKeys(selection.selections),
  )
}

/** A tree of values; the request at the end of a path stands under a key that no value can be. */
type ValueIndex = Map<unknown, unknown>

const REQUEST = Symbol('request')

function step(index: ValueIndex, value: unknown): ValueIndex {
  // Objects are equal by their text, which must not be taken for a string of the same text.
  const key = typeof value === 'object' && value !== null ? `\0${JSON.stringify(value)}` : value
  let next = index.get(key) as ValueIndex | undefined
  if (next === undefined) {
    next = new Map()
    index.set(key, next)
  }
  return next
}

function writeFields(
  fields: readonly WrittenField[],
  values: readonly unknown[],
  isEscapeFree: boolean,
): string {
  let text = ''
  for (const [index, { label }] of fields.entries()) {
    const value = values[index]
    if (value !== undefined) text += (text === '' ? '{' : ',') + label + writeJson(value, isEscapeFree)
  }
  return `${text}}`
}

function gatherFields(
  { requires, layout, subgraph }: RepresentationPlan,
  typename: string,
  { types, entityKeys }: RepresentationTools,
): WrittenType {
  const found = new Map<string, { readonly field: RequiredField; readonly parent: string | undefined }>()

  function gather(selections: readonly RequiresSelection[], parent: string | undefined): void {
    for (const selection of selections) {
      if (selection.kind === 'field') add(selection, parent)
      else if (selection.typeCondition === undefined) gather(selection.selections, parent)
      else if (types.satisfying(selection.typeCondition).has(typename)) {
        gather(selection.selections, selection.typeCondition)
      }
    }
  }

  function add(field: RequiredField, parent: string | undefined): void {
    const known = found.get(field.name)?.field
    const selections = [...(known?.selections ?? []), ...(field.selections ?? [])]
    found.set(field.name, { parent, field: selections.length === 0 ? field : { ...field, selections } })
  }

  gather(requires, undefined)
  const fields = [...found].map(([name, { field, parent }]) => ({
    label: `${JSON.stringify(name)}:`,
    pick: compileValue(field, { parent, layout, types }),
  }))
  return { fields, isIdentifying: compileIdentifying(entityKeys(subgraph, typename), [...found.keys()]) }
}
