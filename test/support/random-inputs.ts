/** Random arguments: literals, variables, and variables inside literals, with defaults and without. */
import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql'
import { pick, type Random } from './random.js'

type Value =
  string | number | boolean | null | EnumName | readonly Value[] | { readonly [key: string]: Value }

/** An argument, a field of an input object, or an item of a list. */
interface InputPlace {
  readonly type: GraphQLInputType
  readonly defaultValue?: unknown
}

/** Is written without quotes in a document, and as a text among the variables. */
class EnumName {
  constructor(readonly name: string) {}
}

/** Collects the variables that arguments of one operation use. */
export class RandomInputs {
  readonly definitions: string[] = []
  readonly values: Record<string, unknown> = {}
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** `(first: 3, after: $v0)`, or nothing where no argument was chosen. */
  arguments(args: readonly GraphQLArgument[]): string {
    const given = args.filter((arg) => isRequiredArgument(arg) || this.#random() < 0.6)
    if (given.length === 0) return ''
    return `(${given.map((arg) => `${arg.name}: ${this.#argument(arg)}`).join(', ')})`
  }

  #argument(place: InputPlace): string {
    return this.#random() < 0.4 ? this.#variable(place) : this.#literal(place.type)
  }

  /** Declares a variable that may stand here. */
  #variable({ type, defaultValue }: InputPlace): string {
    const name = `v${this.definitions.length}`
    // A variable may be null where a default stands behind it (GraphQL specification §5.8.5).
    const isLoose = isNonNullType(type) && defaultValue !== undefined && this.#random() < 0.5
    const declared = isLoose ? type.ofType : type
    const hasDefault = this.#random() < 0.3
    this.definitions.push(
      `$${name}: ${String(declared)}${hasDefault ? ` = ${write(this.#value(declared))}` : ''}`,
    )
    const mayBeLeftOut = hasDefault || !isNonNullType(declared)
    if (!mayBeLeftOut || this.#random() < 0.7)
      this.values[name] = toJson(this.#value(isLoose ? type : declared))
    return `$${name}`
  }

  /** A literal; in lists and objects, variables may stand for parts. */
  #literal(type: GraphQLInputType): string {
    if (isNonNullType(type)) return this.#literal(type.ofType)
    if (isListType(type)) {
      const item = { type: type.ofType }
      return `[${Array.from({ length: this.#below(3) }, () => this.#argument(item)).join(', ')}]`
    }
    if (!isInputObjectType(type)) return write(this.#value(type))
    const fields = this.#chosenFields(Object.values(type.getFields()))
    return `{${fields.map((field) => `${field.name}: ${this.#argument(field)}`).join(', ')}}`
  }

  #value(type: GraphQLInputType): Value {
    if (isNonNullType(type)) return this.#given(type.ofType)
    return this.#random() < 0.08 ? null : this.#given(type)
  }

  #given(type: GraphQLInputType): Value {
    if (isListType(type)) {
      const { ofType } = type
      return Array.from({ length: this.#below(3) }, () => this.#value(ofType))
    }
    if (isInputObjectType(type)) {
      const fields = this.#chosenFields(Object.values(type.getFields()))
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type)]))
    }
    if (isEnumType(type)) return new EnumName(pick(this.#random, type.getValues()).name)
    return pick(this.#random, SCALARS[type.name] ?? ['text', 'another'])
  }

  #chosenFields(fields: readonly GraphQLInputField[]): readonly GraphQLInputField[] {
    return fields.filter((field) => isRequiredInputField(field) || this.#random() < 0.4)
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }
}

const SCALARS: Readonly<Record<string, readonly Value[]>> = {
  Int: [0, 1, 7, -3],
  Float: [0, 1.5, -2],
  String: ['', 'one', 'two "three"'],
  Boolean: [true, false],
  ID: ['1', 'two'],
  Json: [1, 'a', true, { a: ['b', null] }, []],
}

function write(value: Value): string {
  if (value instanceof EnumName) return value.name
  if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}: ${write(inner)}`)
    .join(', ')}}`
}

function toJson(value: Value): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) => (inner instanceof EnumName ? inner.name : inner)),
  )
}
