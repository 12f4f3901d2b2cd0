import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { directiveArguments } from '../../kernel/directive-arguments.js'
import { findDirectiveName } from '../../kernel/linked-features.js'
import type { Supergraph } from '../../kernel/supergraph.js'

/** What `@listSize` says of a field (IBM GraphQL cost directives, "The List Size Directive"). */
export interface ListSize {
  readonly assumedSize: number | undefined
  /** Each a path: the argument's name, then fields of its input objects. */
  readonly slicingArguments: readonly (readonly string[])[]
  /** Of the returned object, the lists to which the size belongs. */
  readonly sizedFields: SizedTree | undefined
  readonly requireOneSlicingArgument: boolean
}

/** Fields by name; those without a tree of their own are the sized lists. */
export type SizedTree = ReadonlyMap<string, SizedTree | undefined>

type Composite = GraphQLObjectType | GraphQLInterfaceType
interface Annotated {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined
}

/**
 * Reads `@cost` and `@listSize` of a supergraph, under whatever names its links give them.
 *
 * What is read once is remembered; nothing of it depends on an operation.
 */
export class CostDirectives {
  readonly #schema: GraphQLSchema
  readonly #costName: string
  readonly #listSizeName: string
  readonly #listSizes = new Map<string, ListSize | undefined>()

  constructor({ schema }: Pick<Supergraph, 'schema'>) {
    this.#schema = schema
    this.#costName = findDirectiveName(schema, 'cost', 'cost')
    this.#listSizeName = findDirectiveName(schema, 'cost', 'listSize')
  }

  /** The weight written on the field or else on the type it returns; undefined where neither has one. */
  fieldWeight(type: Composite, fieldName: string): number | undefined {
    const field = this.#fieldOf(type, fieldName)
    return field && (this.#weightOf(field) ?? this.typeWeight(getNamedType(field.type)))
  }

  /** The weight written on a type. */
  typeWeight(type: GraphQLNamedType): number | undefined {
    const known = this.#schema.getType(type.name)
    if (!known) return undefined
    return [known, ...known.extensionASTNodes.map((astNode) => ({ astNode }))]
      .map((node) => this.#weightOf(node))
      .find((weight) => weight !== undefined)
  }

  argumentWeight(type: Composite, fieldName: string, argument: string): number | undefined {
    const found = this.#fieldOf(type, fieldName)?.args.find(({ name }) => name === argument)
    return found && this.#inputWeight(found)
  }

  inputFieldWeight(typeName: string, fieldName: string): number | undefined {
    const type = this.#schema.getType(typeName)
    const field = type && 'getFields' in type ? type.getFields()[fieldName] : undefined
    return field && this.#inputWeight(field as GraphQLInputField)
  }

  /** The field's own `@listSize`, or that of an interface's field which it implements. */
  listSize(type: Composite, fieldName: string): ListSize | undefined {
    const coordinate = `${type.name}.${fieldName}`
    if (this.#listSizes.has(coordinate)) return this.#listSizes.get(coordinate)
    const field = this.#fieldOf(type, fieldName)
    const found =
      (field && this.#readListSize(field, coordinate)) ??
      type
        .getInterfaces()
        .map((above) => this.listSize(above, fieldName))
        .find((size) => size !== undefined)
    this.#listSizes.set(coordinate, found)
    return found
  }

  /** Reads every `@listSize` there is, so that one that cannot be meant is told before anybody asks the field. */
  assertReadable(): void {
    for (const type of Object.values(this.#schema.getTypeMap())) {
      if (!isObjectType(type) && !isInterfaceType(type)) continue
      for (const name of Object.keys(type.getFields())) this.listSize(type, name)
    }
  }

  #fieldOf(type: Composite, fieldName: string): GraphQLField<unknown, unknown> | undefined {
    const known = this.#schema.getType(type.name)
    return isObjectType(known) || isInterfaceType(known) ? known.getFields()[fieldName] : undefined
  }

  #inputWeight(input: Annotated & { readonly type: GraphQLInputType }): number | undefined {
    return this.#weightOf(input) ?? this.typeWeight(getNamedType(input.type))
  }

  /** `weight` is an Int for Federation and a String for IBM. */
  #weightOf({ astNode }: Annotated): number | undefined {
    const directive = astNode?.directives?.find(({ name }) => name.value === this.#costName)
    if (!directive) return undefined
    const weight = Number(directiveArguments(directive)['weight'])
    return Number.isFinite(weight) ? weight : undefined
  }

  #readListSize({ astNode }: Annotated, coordinate: string): ListSize | undefined {
    const directive = astNode?.directives?.find(({ name }) => name.value === this.#listSizeName)
    if (!directive) return undefined
    const { assumedSize, slicingArguments, sizedFields, requireOneSlicingArgument } =
      directiveArguments(directive)
    const slicing = texts(slicingArguments)
    return {
      assumedSize: typeof assumedSize === 'number' ? Math.max(0, assumedSize) : undefined,
      slicingArguments: slicing.map((path) => path.split('.')),
      sizedFields: toSizedTree(texts(sizedFields), `@${this.#listSizeName} on ${coordinate}`),
      // The default of the directive's definition.
      requireOneSlicingArgument: slicing.length > 0 && requireOneSlicingArgument !== false,
    }
  }
}

/** What an object, scalar and so on counts where nothing is written (Apollo: demand control, "Calculating cost"). */
export function defaultWeight(type: GraphQLNamedType): number {
  return isCompositeType(type) ? 1 : 0
}

function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : []).filter((item) => typeof item === 'string')
}

/** Each entry is a field's name, or selections as in `results { page }`. */
function toSizedTree(entries: readonly string[], place: string): SizedTree | undefined {
  if (entries.length === 0) return undefined
  let definition
  try {
    definition = parse(`{ ${entries.join(' ')} }`, { noLocation: true }).definitions[0]
  } catch {
    definition = undefined
  }
  if (definition?.kind !== Kind.OPERATION_DEFINITION) {
    throw new Error(
      `sizedFields of ${place} must be names of fields, or selections such as "results { page }".`,
    )
  }
  return toTree(definition.selectionSet)
}

function toTree({ selections }: SelectionSetNode): SizedTree {
  const tree = new Map<string, SizedTree | undefined>()
  for (const selection of selections) {
    if (selection.kind !== Kind.FIELD) continue
    const below = selection.selectionSet && toTree(selection.selectionSet)
    const before = tree.get(selection.name.value)
    tree.set(selection.name.value, before && below ? new Map([...before, ...below]) : (below ?? before))
  }
  return tree
}
