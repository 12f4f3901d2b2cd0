/** Data that nobody stores: the value of a field follows from a seed, the object it stands on, and its arguments. */
import {
  getArgumentValues,
  getNamedType,
  GraphQLError,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import type { Row } from '../../support/local-subgraph.js'
import { createRandom, pick, type Random } from '../../support/random.js'
import type { GraphFacts } from './graph-facts.js'

/** An object of the data. Entities have identities such as `User-3`, all others that of their place. */
export interface Thing {
  readonly __typename: string
  readonly $type: string
  readonly $id: string
}

/** How often something goes wrong, per value. */
export interface Mishaps {
  readonly errors: number
  /** Null where the schema allows none. */
  readonly violations: number
}

export const NO_MISHAPS: Mishaps = { errors: 0, violations: 0 }

const ENTITIES_PER_TYPE = 4

export class GeneratedData {
  readonly #schema: GraphQLSchema
  readonly #facts: GraphFacts
  readonly #seed: number
  readonly #mishaps: Mishaps

  constructor(schema: GraphQLSchema, facts: GraphFacts, seed: number, mishaps: Mishaps) {
    this.#schema = schema
    this.#facts = facts
    this.#seed = seed
    this.#mishaps = mishaps
  }

  /**
   * The value of a field: plain values, things, lists of both, or errors in their place.
   *
   * `required` is what the field is computed from. With `tellsViolations`, a null that must not be there is an error.
   */
  field(on: Thing, name: string, args: unknown, required: unknown, tellsViolations = false): unknown {
    const definition = this.#definition(on.$type, name)
    const coordinate = `${on.$type}.${name}`
    const seed = `${on.$id}.${name}(${text(args)})${required === undefined ? '' : text(required)}`
    const random = createRandom(hash(`${this.#seed} ${seed}`))
    const isKey = this.#facts.keys.has(coordinate)
    const { errors, violations } = this.#facts.steady.has(coordinate) ? NO_MISHAPS : this.#mishaps

    const make = (type: GraphQLOutputType, place: string): unknown => {
      if (isNonNullType(type)) {
        const isViolated = random() < violations
        const value = makeGiven(type.ofType, place)
        if (!isViolated) return value
        return tellsViolations ? new GraphQLError('null where there must be a value') : null
      }
      const isNull = random() < 0.12
      const value = makeGiven(type, place)
      return isNull && !isKey ? null : value
    }

    const makeGiven = (type: GraphQLOutputType, place: string): unknown => {
      if (random() < errors) return new GraphQLError('an error')
      if (isListType(type)) {
        const length = isKey ? 1 : Math.floor(random() * 4)
        return Array.from({ length }, (_, index) => make(type.ofType, `${place}.${index}`))
      }
      const named = getNamedType(type)
      if (!isLeafType(named)) return this.#thing(random, coordinate, named.name, place)
      if (isKey) return keyValue(on.$id, name, named.name)
      return this.#leaf(random, coordinate, named.name)
    }

    return make(definition.type, seed)
  }

  /** What a set of fields gives of an object, as a representation would hold it. */
  select(on: Thing, selections: SelectionSetNode): Row {
    const row: Row = {}
    for (const selection of selections.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value ?? on.$type
        if (this.#is(on.$type, condition)) Object.assign(row, this.select(on, selection.selectionSet))
      } else if (selection.kind === Kind.FIELD) {
        const { value: name } = selection.name
        if (name === '__typename') row[name] = on.$type
        else {
          const args = getArgumentValues(this.#definition(on.$type, name), selection)
          const inner = selection.selectionSet
          row[name] = this.#selectIn(this.field(on, name, args, undefined), inner)
        }
      }
    }
    return row
  }

  #selectIn(value: unknown, selections: SelectionSetNode | undefined): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#selectIn(item, selections))
    return selections && isThing(value) ? this.select(value, selections) : value
  }

  #is(type: string, condition: string): boolean {
    const [object, other] = [this.#schema.getType(type), this.#schema.getType(condition)]
    return (
      type === condition ||
      (isObjectType(object) && isInterfaceType(other) && this.#schema.isSubType(other, object))
    )
  }

  #definition(type: string, field: string): GraphQLField<unknown, unknown> {
    const parent = this.#schema.getType(type)
    const definition = isObjectType(parent) ? parent.getFields()[field] : undefined
    if (!definition) throw new Error(`There is no ${type}.${field}.`)
    return definition
  }

  #thing(random: Random, coordinate: string, named: string, place: string): Thing {
    const type = pick(random, this.#facts.choices.get(coordinate) ?? [named])
    const number = 1 + Math.floor(random() * ENTITIES_PER_TYPE)
    return thing(type, this.#isEntity(type) ? `${type}-${number}` : place)
  }

  #isEntity(type: string): boolean {
    const object = this.#schema.getType(type)
    return (
      isObjectType(object) &&
      Object.keys(object.getFields()).some((name) => this.#facts.keys.has(`${type}.${name}`))
    )
  }

  #leaf(random: Random, coordinate: string, named: string): unknown {
    const number = Math.floor(random() * 1_000)
    if (isEnumType(this.#schema.getType(named)))
      return pick(random, this.#facts.choices.get(coordinate) ?? [])
    switch (named) {
      case 'Int':
        return number
      case 'Float':
        return number / 8
      case 'Boolean':
        return number % 2 === 0
      case 'Json':
        return pick<unknown>(random, [
          number,
          `json ${number}`,
          { a: [number, null], __typename: 'b' },
          [],
          false,
        ])
      default:
        return `${named} ${number}`
    }
  }
}

export function thing(type: string, id: string): Thing {
  return { __typename: type, $type: type, $id: id }
}

export function isThing(value: unknown): value is Thing {
  return typeof value === 'object' && value !== null && '$id' in value
}

/** A key's leaf says which object it is the key of, so that the object can be found again. */
function keyValue(id: string, field: string, type: string): unknown {
  if (type === 'Int') return Number(/\d+$/.exec(id)?.[0])
  return field === 'id' ? id : `${field}:${id}`
}

/** Reads the identity out of a key; undefined where none of the types is named there. */
export function identityIn(key: unknown, types: readonly string[]): string | undefined {
  if (typeof key === 'string') {
    const found = /([A-Z]\w*)-\d+/.exec(key)
    return found?.[1] !== undefined && types.includes(found[1]) ? found[0] : undefined
  }
  if (typeof key !== 'object' || key === null) return undefined
  for (const inner of Object.values(key)) {
    const found = identityIn(inner, types)
    if (found !== undefined) return found
  }
  return undefined
}

/** Equal for equal values, whatever the order of their keys. */
export function text(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  )
}

/** FNV-1a, 32 bits. */
function hash(value: string): number {
  let state = 0x811c9dc5
  for (let index = 0; index < value.length; index += 1) {
    state = Math.imul(state ^ value.charCodeAt(index), 0x01000193)
  }
  return state >>> 0
}
