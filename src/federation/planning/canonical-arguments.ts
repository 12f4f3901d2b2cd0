import {
  getNullableType,
  isInputObjectType,
  isListType,
  Kind,
  parseType,
  type ArgumentNode,
  type DirectiveNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLInputType,
  type ListValueNode,
  type ObjectValueNode,
  type ValueNode,
  type VariableDefinitionNode,
  type VariableNode,
} from 'graphql'
import { hasVariable } from '../../kernel/has-variable.js'
import type { Json } from '../../kernel/json.js'
import type { OperationRecord } from '../../kernel/operation.js'
import { literalText, literalValue } from './literal-value.js'
import { PlanVariables } from './plan-variables.js'

/** In the place of a type: the literal is not one variable. */
const LITERAL = ''

/**
 * Writes the arguments of one operation in canonical form: variables renamed, literals lifted into variables.
 *
 * Literals of directives stay: planners decide by those of `@skip` and `@include`. So do null, which is part of the
 * shape of an argument, and literals without a proven JSON value. A lifted literal is never null, so its variable is
 * declared non-null and fits wherever the literal did, in every subgraph: composition gave the argument the
 * strictest of the subgraphs' types.
 *
 * Fields of one response key may have to have equal arguments (specification §5.3.2). One literal at one argument of
 * one response key is therefore one variable; where two types would want two of them, the literal stays (a clash).
 */
export class CanonicalArguments {
  /** Literals that stay because they stand at arguments of different types. */
  readonly clashes: ReadonlySet<string>
  readonly #clashes: Set<string>
  readonly #keptLiteral: ReadonlySet<string>
  readonly #clientDefinitions: ReadonlyMap<string, VariableDefinitionNode>
  readonly #definitions: VariableDefinitionNode[] = []
  readonly #renamed = new Map<string, string>()
  readonly #lifted = new Map<string, Json>()
  readonly #liftedAt = new Map<string, VariableNode>()
  /** The types of the variables that literals became, or {@link LITERAL}. */
  readonly #written = new Map<string, string>()
  #count = 0

  constructor(
    { operation }: OperationRecord,
    keptLiteral: ReadonlySet<string>,
    clashes: ReadonlySet<string> = new Set(),
  ) {
    this.#clientDefinitions = new Map(
      operation.variableDefinitions?.map((definition) => [definition.variable.name.value, definition]),
    )
    this.#keptLiteral = keptLiteral
    this.clashes = this.#clashes = new Set(clashes)
  }

  /** The variables met so far, in the order in which they were. */
  definitions(): readonly VariableDefinitionNode[] {
    return [...this.#definitions]
  }

  variables(): PlanVariables {
    return new PlanVariables(this.#renamed, this.#lifted)
  }

  ofField(field: FieldNode, declared: readonly GraphQLArgument[]): readonly ArgumentNode[] {
    const name = field.name.value
    const liftable = this.#keptLiteral.has(name) ? [] : declared
    const place = `${(field.alias ?? field.name).value} ${name}`
    return (field.arguments ?? []).map((argument) => {
      const type = liftable.find((one) => one.name === argument.name.value)?.type
      return this.#argument(argument, (value) => this.#value(value, type, `${place} ${argument.name.value}`))
    })
  }

  ofDirective(directive: DirectiveNode): DirectiveNode {
    return {
      kind: Kind.DIRECTIVE,
      name: directive.name,
      arguments: (directive.arguments ?? []).map((argument) => this.#argument(argument, this.#renameWithin)),
    }
  }

  #argument({ kind, name, value }: ArgumentNode, write: (value: ValueNode) => ValueNode): ArgumentNode {
    return { kind, name, value: write(value) }
  }

  #value(value: ValueNode, type: GraphQLInputType | undefined, place: string): ValueNode {
    if (value.kind === Kind.VARIABLE) return this.#clientVariable(value)
    if (value.kind === Kind.NULL || type === undefined) return this.#renameWithin(value)
    if (hasVariable(value)) return this.#parts(value, type, place)
    const spot = `${place} ${literalText(value)}`
    if (this.#clashes.has(spot)) return value
    const json = literalValue(value, type)
    if (json === undefined) {
      this.#note(spot, LITERAL)
      return this.#parts(value, type, place)
    }
    return this.#lift(spot, json, String(getNullableType(type)))
  }

  /** Goes into a value that is no variable as a whole, for parts that are. */
  #parts(value: ValueNode, type: GraphQLInputType, place: string): ValueNode {
    const nullable = getNullableType(type)
    if (value.kind === Kind.LIST) {
      return mapItems(value, (item, index) =>
        this.#value(item, isListType(nullable) ? nullable.ofType : undefined, `${place}.${index}`),
      )
    }
    if (value.kind !== Kind.OBJECT) return value
    // A single value stands for a list of one.
    if (isListType(nullable)) return this.#parts(value, nullable.ofType, place)
    const fields = isInputObjectType(nullable) ? nullable.getFields() : {}
    return mapFields(value, (member, name) => this.#value(member, fields[name]?.type, `${place}.${name}`))
  }

  #lift(spot: string, json: Json, type: string): VariableNode {
    this.#note(spot, type)
    const known = this.#liftedAt.get(spot)
    if (known) return known
    const variable = this.#nextVariable()
    this.#liftedAt.set(spot, variable)
    this.#lifted.set(variable.name.value, json)
    this.#definitions.push({ kind: Kind.VARIABLE_DEFINITION, variable, type: parseType(`${type}!`) })
    return variable
  }

  #note(spot: string, type: string): void {
    const before = this.#written.get(spot)
    if (before === undefined) this.#written.set(spot, type)
    else if (before !== type) this.#clashes.add(spot)
  }

  readonly #renameWithin = (value: ValueNode): ValueNode => {
    switch (value.kind) {
      case Kind.VARIABLE:
        return this.#clientVariable(value)
      case Kind.LIST:
        return mapItems(value, this.#renameWithin)
      case Kind.OBJECT:
        return mapFields(value, this.#renameWithin)
      default:
        return value
    }
  }

  #clientVariable({ name }: VariableNode): VariableNode {
    const known = this.#renamed.get(name.value)
    if (known !== undefined) return toVariable(known)
    const variable = this.#nextVariable()
    this.#renamed.set(name.value, variable.name.value)
    const definition = this.#clientDefinitions.get(name.value)
    if (definition) this.#definitions.push({ ...definition, variable })
    return variable
  }

  #nextVariable(): VariableNode {
    const variable = toVariable(`v${this.#count}`)
    this.#count += 1
    return variable
  }
}

function toVariable(name: string): VariableNode {
  return { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } }
}

function mapItems(list: ListValueNode, write: (item: ValueNode, index: number) => ValueNode): ListValueNode {
  return { kind: Kind.LIST, values: list.values.map(write) }
}

function mapFields(
  object: ObjectValueNode,
  write: (value: ValueNode, name: string) => ValueNode,
): ObjectValueNode {
  return {
    kind: Kind.OBJECT,
    fields: object.fields.map(({ kind, name, value }) => ({ kind, name, value: write(value, name.value) })),
  }
}
