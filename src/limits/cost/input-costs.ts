import {
  getNamedType,
  isInputObjectType,
  Kind,
  type FieldNode,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type ValueNode,
} from 'graphql'
import type { Json } from '../../kernel/json.js'
import type { CostDirectives } from './cost-directives.js'
import type { CostProgram, Term } from './cost-program.js'

/** An argument or input field: its type, and the weight written on it or its type. */
interface Input {
  readonly type: GraphQLInputType
  readonly weight: number | undefined
}

/**
 * What the arguments of a field cost: an input object 1 and what its fields cost, everything else nothing, unless a
 * weight is written. Of a list every item counts. Arguments that are left to their defaults cost nothing.
 */
export class InputCosts {
  readonly #directives: CostDirectives

  constructor(directives: CostDirectives) {
    this.#directives = directives
  }

  ofField(type: GraphQLObjectType | GraphQLInterfaceType, node: FieldNode, program: CostProgram): Term {
    const definitions = type.getFields()[node.name.value]?.args ?? []
    const terms = (node.arguments ?? []).map(({ name, value }): Term => {
      const definition = definitions.find((argument) => argument.name === name.value)
      if (definition === undefined) return 0
      const weight = this.#directives.argumentWeight(type, node.name.value, name.value)
      return this.#ofNode(value, { type: definition.type, weight }, program)
    })
    return program.sum(terms)
  }

  #ofNode(node: ValueNode, input: Input, program: CostProgram): Term {
    if (isFree(input) || node.kind === Kind.NULL) return 0
    if (node.kind === Kind.VARIABLE) {
      const name = node.name.value
      return program.read((variables) => this.#ofValue(variables[name], input))
    }
    if (node.kind === Kind.LIST) {
      return program.sum([
        input.weight ?? 0,
        ...node.values.map((item) => this.#ofNode(item, input, program)),
      ])
    }
    const type = getNamedType(input.type)
    if (node.kind !== Kind.OBJECT || !isInputObjectType(type)) return input.weight ?? 0
    const fields = node.fields.map(({ name, value }): Term => {
      const field = this.#fieldOf(type.name, name.value, type.getFields()[name.value]?.type)
      return field ? this.#ofNode(value, field, program) : 0
    })
    return program.sum([input.weight ?? 1, ...fields])
  }

  #ofValue(value: Json | undefined, input: Input): number {
    if (value === undefined || value === null || isFree(input)) return 0
    if (Array.isArray(value)) {
      const items: readonly Json[] = value
      return items.reduce<number>((total, item) => total + this.#ofValue(item, input), input.weight ?? 0)
    }
    const type = getNamedType(input.type)
    if (typeof value !== 'object' || !isInputObjectType(type)) return input.weight ?? 0
    return Object.entries(value).reduce((total, [name, inner]) => {
      const field = this.#fieldOf(type.name, name, type.getFields()[name]?.type)
      return field ? total + this.#ofValue(inner, field) : total
    }, input.weight ?? 1)
  }

  #fieldOf(typeName: string, name: string, type: GraphQLInputType | undefined): Input | undefined {
    return type && { type, weight: this.#directives.inputFieldWeight(typeName, name) }
  }
}

/** Scalars and enums without a weight, and lists of them. */
function isFree({ type, weight }: Input): boolean {
  return weight === undefined && !isInputObjectType(getNamedType(type))
}
