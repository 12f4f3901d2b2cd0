import {
  getArgumentValues,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Shaped } from '../../kernel/contexts.js'
import { fragmentsByName, type FragmentsByName } from '../../kernel/fragments-by-name.js'
import type { AnswerError } from '../../kernel/gateway-error.js'
import { isIncluded } from '../../kernel/is-included.js'
import type { Json, JsonObject } from '../../kernel/json.js'
import type { HiddenKeys } from './add-parent-fields.js'
import { AnswerPlaces } from './answer-places.js'
import { makeNull, pathOf, type AnswerPath, type Step } from './answer-step.js'
import { isSchemaField, keyOf } from '../occurrences.js'
import type { ParentRule, ParentRules } from './parent-rules.js'
import type { PossibleTypes } from '../possible-types.js'

type Verdict = Pick<AnswerError, 'message'> & { readonly code: AnswerError['extensions']['code'] }

/** Asks a rule about a field of one object; undefined where it says yes. Never rejects. */
export type AskParentRule = (rule: ParentRule, call: ParentCall) => Promise<Verdict | undefined>

/** What a rule is called with. */
export interface ParentCall {
  readonly parent: object
  readonly args: Record<string, unknown>
  readonly context: Shaped
  readonly info: GraphQLResolveInfo
}

export interface JudgeParts {
  readonly schema: GraphQLSchema
  readonly types: PossibleTypes
  readonly rules: ParentRules
  readonly ask: AskParentRule
  /** The verdict where what a rule reads could not be fetched; none where nothing may be refused. */
  readonly unsure: Verdict | undefined
  /** Whether one refusal refuses the operation. */
  readonly rejects: boolean
}

type Selections = readonly SelectionSetNode[]
type FieldsByKey = ReadonlyMap<string, readonly [FieldNode, ...FieldNode[]]>

/** A field of one object whose rule is to be asked. */
interface Question {
  readonly rule: ParentRule
  readonly object: JsonObject
  readonly type: GraphQLObjectType
  readonly field: GraphQLField<unknown, unknown>
  readonly nodes: readonly [FieldNode, ...FieldNode[]]
  readonly step: Step
}

/** How long asking may hold the event loop at a time, in milliseconds, and after how many questions that is looked at. */
const LONGEST_TURN_MS = 5
const QUESTIONS_PER_LOOK = 16

/** What a rule refused, where. */
export interface Refused {
  readonly step: Step
  readonly path: AnswerPath
  readonly verdict: Verdict
}

/**
 * Walks through an answer beside its operation and asks the rules on its way.
 *
 * Types of objects below unions and interfaces are told by a hidden field.
 */
export class Judging {
  readonly #context: Shaped
  readonly #keys: HiddenKeys
  readonly #parts: JudgeParts
  readonly #fragments: FragmentsByName
  /** Of every call's info alike; a copy, because a rule may change what it is given. */
  readonly #shared: Pick<
    GraphQLResolveInfo,
    'schema' | 'fragments' | 'rootValue' | 'operation' | 'variableValues'
  >
  readonly #hasFaults: boolean
  /** What was refused before the fetch, by response keys and type: there is nothing left to ask. */
  readonly #denied: ReadonlySet<string>
  readonly #questions: Question[] = []
  readonly #seen = new Set<object>()
  /** The items of a list share their selections: fields are collected once for each type of them. */
  readonly #collected = new Map<Selections, Map<GraphQLObjectType, FieldsByKey>>()
  readonly #below = new Map<readonly FieldNode[], Selections>()

  constructor(context: Shaped, errors: readonly AnswerError[], keys: HiddenKeys, parts: JudgeParts) {
    this.#context = context
    this.#hasFaults = hasFaults(context, errors, keys)
    this.#denied = new Set(
      context.denials.flatMap(({ path, parentTypes }) =>
        [...parentTypes].map((typeName) => placeOf(path, typeName)),
      ),
    )
    this.#keys = keys
    this.#parts = parts
    this.#fragments = fragmentsByName(context.operation.document)
    this.#shared = {
      schema: parts.schema,
      fragments: Object.fromEntries(this.#fragments),
      rootValue: undefined,
      operation: context.operation.operation,
      variableValues: structuredClone(context.variables),
    }
  }

  visitRoot(root: { data: JsonObject | null }): void {
    const { operation } = this.#context.operation
    const type = this.#parts.schema.getRootType(operation.operation)
    if (!type || root.data === null) return
    const step: Step = { container: root, key: 'data', isNullable: true, above: undefined }
    this.#inObject(root.data, type, [operation.selectionSet], step)
  }

  /** Everything that is refused, made null; what lies below something refused has no error of its own. */
  async settle(): Promise<readonly Refused[]> {
    const all = (await this.#askAll()).filter((refused) => refused !== undefined)
    const places = new AnswerPlaces(all.map(({ path }) => path))
    const outermost = all.filter(({ path }) => !places.isAround(path))
    for (const { step } of outermost) makeNull(step)
    for (const object of this.#seen) this.#takeOutHidden(object as Record<string, unknown>)
    return outermost
  }

  /** Asks all questions together, but lets other requests have the event loop in between. */
  async #askAll(): Promise<readonly (Refused | undefined)[]> {
    const asked: Promise<Refused | undefined>[] = []
    let turnEndsAtMs = performance.now() + LONGEST_TURN_MS
    for (const [index, question] of this.#questions.entries()) {
      if (index % QUESTIONS_PER_LOOK === 0 && performance.now() > turnEndsAtMs) {
        await nextTurn()
        this.#context.deadline.assertOpen()
        turnEndsAtMs = performance.now() + LONGEST_TURN_MS
      }
      asked.push(this.#ask(question))
    }
    return Promise.all(asked)
  }

  #takeOutHidden(object: Record<string, unknown>): void {
    for (const key of Object.keys(object)) {
      if (key.startsWith(this.#keys.prefix)) Reflect.deleteProperty(object, key)
    }
  }

  #inObject(object: JsonObject, type: GraphQLObjectType, selectionSets: Selections, step: Step): void {
    if (this.#seen.has(object)) return
    this.#seen.add(object)
    for (const [key, nodes] of this.#fieldsOf(type, selectionSets)) {
      const [node] = nodes
      const field = type.getFields()[node.name.value]
      // Hidden fields are for the rules; `__typename` and what has no value of its own have nothing below.
      if (field === undefined || key.startsWith(this.#keys.prefix) || !Object.hasOwn(object, key)) continue
      const here: Step = {
        container: object as Record<string, Json | null>,
        key,
        isNullable: !isNonNullType(field.type),
        above: step,
      }
      this.#judge(object, type, field, nodes, here)
      const below = this.#belowOf(nodes)
      if (below.length > 0) this.#inValue(object[key], field.type, below, here)
    }
  }

  #inValue(
    value: Json | null | undefined,
    type: GraphQLOutputType,
    selectionSets: Selections,
    step: Step,
  ): void {
    if (value === undefined || value === null || typeof value !== 'object') return
    const nullable = isNonNullType(type) ? (type.ofType as GraphQLOutputType) : type
    if (Array.isArray(value)) {
      if (!isListType(nullable)) return
      const itemType = nullable.ofType as GraphQLOutputType
      for (const [index, item] of (value as readonly (Json | null)[]).entries()) {
        const isNullable = !isNonNullType(itemType)
        const container = value as (Json | null)[]
        this.#inValue(item, itemType, selectionSets, { container, key: index, isNullable, above: step })
      }
      return
    }
    const object = value as JsonObject
    const named = getNamedType(nullable)
    const concrete = isObjectType(named)
      ? named
      : this.#parts.schema.getType(textOf(object[this.#keys.typename]))
    if (isObjectType(concrete)) this.#inObject(object, concrete, selectionSets, step)
  }

  #fieldsOf(type: GraphQLObjectType, selectionSets: Selections): FieldsByKey {
    const byType = this.#collected.get(selectionSets) ?? new Map<GraphQLObjectType, FieldsByKey>()
    this.#collected.set(selectionSets, byType)
    const fields = byType.get(type) ?? this.#collect(type, selectionSets)
    byType.set(type, fields)
    return fields
  }

  /** What is selected below a field: the same list for the same nodes. */
  #belowOf(nodes: readonly FieldNode[]): Selections {
    const below = this.#below.get(nodes) ?? nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
    this.#below.set(nodes, below)
    return below
  }

  /** The fields of an object by response key, as execution collects them (§6.3.2). */
  #collect(type: GraphQLObjectType, selectionSets: Selections): FieldsByKey {
    const fields = new Map<string, [FieldNode, ...FieldNode[]]>()
    const collect = (selectionSet: SelectionSetNode): void => {
      for (const selection of selectionSet.selections) {
        if (!isIncluded(selection, this.#context.variables)) continue
        if (selection.kind === Kind.FIELD) {
          if (isSchemaField(selection)) continue
          const known = fields.get(keyOf(selection))
          if (known) known.push(selection)
          else fields.set(keyOf(selection), [selection])
          continue
        }
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value)
        const condition = fragment?.typeCondition?.name.value ?? type.name
        if (fragment && this.#parts.types.of(condition).has(type.name)) collect(fragment.selectionSet)
      }
    }
    selectionSets.forEach(collect)
    return fields
  }

  #judge(
    object: JsonObject,
    type: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    nodes: readonly [FieldNode, ...FieldNode[]],
    step: Step,
  ): void {
    const rule = this.#parts.rules.get(`${type.name}.${field.name}`)
    if (rule === undefined || this.#isDenied(type, step)) return
    this.#questions.push({ rule, object, type, field, nodes, step })
  }

  #isDenied(type: GraphQLObjectType, step: Step): boolean {
    return this.#denied.size > 0 && this.#denied.has(placeOf(pathOf(step), type.name))
  }

  #ask({ rule, object, type, field, nodes, step }: Question): Promise<Refused | undefined> {
    const path = pathOf(step)
    const refusedBy = (verdict: Verdict | undefined): Refused | undefined =>
      verdict === undefined ? undefined : { step, path, verdict }
    if (!this.#isSure(object, rule)) return Promise.resolve(refusedBy(this.#parts.unsure))
    const info: GraphQLResolveInfo = {
      ...this.#shared,
      fieldName: field.name,
      fieldNodes: [...nodes],
      returnType: field.type,
      parentType: type,
      path: toInfoPath(path),
    }
    const args = getArgumentValues(field, nodes[0], this.#context.variables)
    const parent = parentOf(object, type, rule, this.#keys)
    return this.#parts.ask(rule, { parent, args, context: this.#context, info }).then(refusedBy)
  }

  /** Nothing may be nothing or unknown where there was a fault, and a rule might let nothing pass. */
  #isSure(object: JsonObject, { reads }: ParentRule): boolean {
    return !this.#hasFaults || !reads.some(({ name }) => hasGap(object[this.#keys.of(name.value)]))
  }
}

function placeOf(path: AnswerPath, typeName: string): string {
  return `${path.filter((key) => typeof key === 'string').join('.')}|${typeName}`
}

/**
 * Says whether anything went wrong but what was refused of the client's own fields before the fetch.
 *
 * Where it was is not asked: an answer shows a limited number of errors, of which a client can provoke as many.
 */
function hasFaults(
  { outcome, denials }: Shaped,
  errors: readonly AnswerError[],
  { prefix }: HiddenKeys,
): boolean {
  const { errors: faults, explained = [] } = outcome
  if (faults.length + explained.length > 0 || errors.length !== denials.length) return true
  return denials.some(({ path }) => path.some((key) => key.startsWith(prefix)))
}

/** Says whether anything in a value is null or missing, however deep. */
function hasGap(value: Json | null | undefined): boolean {
  if (value === undefined || value === null) return true
  return typeof value === 'object' && Object.values(value).some(hasGap)
}

/** What the rule declared, under its own names; reading anything else is a fault, and a fault refuses. */
function parentOf(
  object: JsonObject,
  type: GraphQLObjectType,
  { reads }: ParentRule,
  keys: HiddenKeys,
): object {
  const known: Record<string, unknown> = { __typename: type.name }
  for (const { name } of reads) known[name.value] = structuredClone(object[keys.of(name.value)])
  const assertDeclared = (key: string | symbol): void => {
    if (typeof key === 'symbol' || Object.hasOwn(known, key) || HARMLESS.has(key)) return
    throw new Error(`The rule reads ${type.name}.${key} but does not declare it in its fragment.`)
  }
  return new Proxy(known, {
    get: (target, key, receiver): unknown => {
      assertDeclared(key)
      return Reflect.get(target, key, receiver)
    },
    has: (target, key) => {
      assertDeclared(key)
      return Reflect.has(target, key)
    },
  })
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Looked for on any value by whoever prints, awaits or serialises it. */
const HARMLESS = new Set(['then', 'toJSON', 'constructor', 'length', 'toString', 'valueOf'])

function toInfoPath(path: AnswerPath): GraphQLResolveInfo['path'] {
  let made: GraphQLResolveInfo['path'] | undefined
  for (const key of path) made = { prev: made, key, typename: undefined }
  return made ?? { prev: undefined, key: '', typename: undefined }
}
