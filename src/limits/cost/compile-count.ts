import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type SelectionSetNode,
} from 'graphql'
import type { DataLayout, RawObject } from '../../kernel/fetch-outcome.js'
import { isRecord } from '../../kernel/is-record.js'
import type { OperationRecord, VariableValues } from '../../kernel/operation.js'
import type { PlanKey } from '../../kernel/plan-keys.js'
import { compileRead } from '../../kernel/read-field.js'
import { compileReadTypename } from '../../kernel/read-typename.js'
import { AskedFields, innerSets, type Fielded } from './asked-fields.js'
import { MUTATION_COST, type CostModel } from './compile-estimate.js'
import { defaultWeight } from './cost-directives.js'
import { CostProgram, type EvaluateCost } from './cost-program.js'
import { InputCosts } from './input-costs.js'

/** Counts what the objects of an outcome cost. */
export type CountCost = (data: RawObject, variables: VariableValues) => number

/** What fields of one object cost. */
type CountObject = (object: RawObject, variables: VariableValues) => number
/** What one value costs; undefined where no value of the kind costs anything. */
type CountValue = ((value: unknown, variables: VariableValues) => number) | undefined

/**
 * Compiles the count of what an operation really cost, from the data that subgraphs gave.
 *
 * By the rules of the estimate, with the lists as long as they were. Leaves without a weight are not looked at, so that
 * a count takes about as long as there are objects. A null counts nothing but the weight that is written on its field
 * or type (as Apollo counts).
 */
export function compileCount(
  model: CostModel & { readonly planKey: PlanKey },
  record: OperationRecord,
  layout: DataLayout,
  variables: VariableValues,
): CountCost {
  const { operation } = record
  const root = model.apiSchema.getRootType(operation.operation)
  const base = record.type === 'mutation' ? MUTATION_COST : 0
  if (!root) return () => base
  const freeType = model.isRootFree === true ? root : undefined
  const compiler = new CountCompiler(model, new AskedFields(model.apiSchema, record, variables), freeType)
  const count = compiler.ofFields(root, [operation.selectionSet], layout)
  return (data, values) => base + count(data, values)
}

class CountCompiler {
  readonly #model: CostModel & { readonly planKey: PlanKey }
  readonly #asked: AskedFields
  readonly #inputs: InputCosts
  readonly #freeType: Fielded | undefined

  /** Fields of `freeType` cost nothing but what is asked below them. */
  constructor(
    model: CostModel & { readonly planKey: PlanKey },
    asked: AskedFields,
    freeType: Fielded | undefined,
  ) {
    this.#model = model
    this.#asked = asked
    this.#freeType = freeType
    this.#inputs = new InputCosts(model.directives)
  }

  /** Compiled with the first object of a type. */
  ofFields(type: Fielded, sets: readonly SelectionSetNode[], layout: DataLayout): CountObject {
    let fields: readonly CountObject[] | undefined
    return (object, variables) => {
      fields ??= this.#compileFields(type, sets, layout)
      let total = 0
      for (const count of fields) total += count(object, variables)
      return total
    }
  }

  #compileFields(
    type: Fielded,
    sets: readonly SelectionSetNode[],
    layout: DataLayout,
  ): readonly CountObject[] {
    const collected = this.#asked.collect(type, sets)
    return [...collected.values()].flatMap((nodes) => this.#ofField(type, nodes, layout))
  }

  #ofField(type: Fielded, nodes: readonly FieldNode[], layout: DataLayout): readonly CountObject[] {
    const [node] = nodes
    const field = node && type.getFields()[node.name.value]
    if (!node || !field) return []
    const key = this.#model.planKey(node)
    const isFree = type === this.#freeType
    const written = isFree ? 0 : this.#model.directives.fieldWeight(type, field.name)
    const named = getNamedType(field.type)
    const one = isCompositeType(named)
      ? this.#ofObject(named, innerSets(nodes), layout.below(key), written)
      : ofLeaf(written)
    const counts: CountObject[] = []
    const value = ofType(field.type, one, written)
    if (value) {
      const read = compileRead(key, layout)
      counts.push((object, variables) => Math.max(0, value(read(object), variables)))
    }
    const program = new CostProgram()
    const inputs = isFree ? 0 : program.finish(this.#inputs.ofField(type, node, program))
    if (inputs !== 0) counts.push(withoutObject(inputs))
    return counts
  }

  #ofObject(
    type: GraphQLCompositeType,
    sets: readonly SelectionSetNode[],
    layout: DataLayout,
    written: number | undefined,
  ): CountValue {
    const types = this.#asked.possibleTypes(type)
    const counts = new Map<string | undefined, CountObject>()
    const compile = (object: Fielded): CountObject => {
      const weight = written ?? this.#model.directives.typeWeight(object) ?? defaultWeight(object)
      const below = this.ofFields(object, sets, layout)
      return (record, variables) => weight + below(record, variables)
    }
    for (const object of types) counts.set(object.name, compile(object))
    const [only] = types
    const fallback =
      types.length === 1 && only ? counts.get(only.name) : this.#unknown(type, compile, written)
    if (types.length === 1)
      return (value, variables) => (isRecord(value) ? (fallback?.(value, variables) ?? 0) : 0)
    const typenameOf = compileReadTypename(layout, (name) => counts.has(name))
    return (value, variables) => {
      if (!isRecord(value)) return 0
      return (counts.get(typenameOf(value)) ?? fallback)?.(value, variables) ?? 0
    }
  }

  /** Of an object that does not tell its type, what is asked of the interface counts. */
  #unknown(
    type: GraphQLCompositeType,
    compile: (object: Fielded) => CountObject,
    written: number | undefined,
  ): CountObject {
    return 'getFields' in type ? compile(type) : () => written ?? defaultWeight(type)
  }
}

function ofLeaf(written: number | undefined): CountValue {
  return written === undefined || written === 0 ? undefined : () => written
}

/** A list has no weight of its own: its items do. */
function ofType(type: GraphQLOutputType, one: CountValue, written: number | undefined): CountValue {
  if (one === undefined) return undefined
  const nullable = getNullableType(type)
  if (!isListType(nullable)) {
    return (value, variables) =>
      value === null || value === undefined ? (value === null ? (written ?? 0) : 0) : one(value, variables)
  }
  const item = ofType(nullable.ofType, one, written)
  return (value, variables) => {
    if (!Array.isArray(value)) return 0
    let total = 0
    for (const each of value) total += item?.(each, variables) ?? 0
    return total
  }
}

function withoutObject(cost: number | EvaluateCost): CountObject {
  return typeof cost === 'number' ? () => cost : (_object, variables) => cost(variables)
}
