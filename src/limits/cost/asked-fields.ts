import {
  isAbstractType,
  isUnionType,
  Kind,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type NamedTypeNode,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsByName, type FragmentsByName } from '../../kernel/fragments-by-name.js'
import { conditionsAmong, isIncluded } from '../../kernel/is-included.js'
import type { OperationRecord, VariableValues } from '../../kernel/operation.js'

/**
 * Selections that may be looked at for one operation, each for every type that it may meet. The documents' limits let
 * through a fifth of it; looking at all of them takes about 100 ms (measured with 800 types).
 */
const MOST_WORK = 50_000

/** Raised where an operation is too entangled to be estimated: it counts as more expensive than any other. */
export class TooEntangled extends Error {}

/** Selections that have fields: what has no object type to choose from is judged as the interface itself. */
export type Fielded = GraphQLObjectType | GraphQLInterfaceType

/**
 * The fields that an operation asks of each type, as an execution would collect them (GraphQL specification §6.3.2):
 * fragments expanded, fields of one response key merged, `@skip` and `@include` decided.
 */
export class AskedFields {
  readonly #schema: GraphQLSchema
  readonly #fragments: FragmentsByName
  readonly #conditions: VariableValues
  /** Names of the types to which a condition applies, by its own. */
  readonly #applying = new Map<string, ReadonlySet<string>>()
  #work = 0

  constructor(schema: GraphQLSchema, { document }: OperationRecord, variables: VariableValues) {
    this.#schema = schema
    this.#fragments = fragmentsByName(document)
    this.#conditions = conditionsAmong(document, variables)
  }

  /** Raises TooEntangled. */
  collect(type: Fielded, sets: readonly SelectionSetNode[]): ReadonlyMap<string, readonly FieldNode[]> {
    const fields = new Map<string, FieldNode[]>()
    const spread = new Set<string>()
    const walk = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        this.#count()
        if (!isIncluded(selection, this.#conditions)) continue
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value
          const known = fields.get(key)
          if (known) known.push(selection)
          else fields.set(key, [selection])
          continue
        }
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#firstSpread(selection, spread)
        if (inner && this.#applies(inner.typeCondition, type)) walk(inner.selectionSet)
      }
    }
    sets.forEach(walk)
    return fields
  }

  /** The object types that a value of a type may have. */
  possibleTypes(type: GraphQLCompositeType): readonly Fielded[] {
    if (!isAbstractType(type)) return [type]
    const possible = this.#schema.getPossibleTypes(type)
    return possible.length === 0 && 'getFields' in type ? [type] : possible
  }

  #firstSpread({ name }: { readonly name: { readonly value: string } }, spread: Set<string>) {
    if (spread.has(name.value)) return undefined
    spread.add(name.value)
    return this.#fragments.get(name.value)
  }

  #applies(condition: NamedTypeNode | undefined, type: Fielded): boolean {
    if (condition === undefined || condition.name.value === type.name) return true
    const name = condition.name.value
    const applying = this.#applying.get(name) ?? this.#typesUnder(name)
    this.#applying.set(name, applying)
    return applying.has(type.name)
  }

  #typesUnder(name: string): ReadonlySet<string> {
    const type = this.#schema.getType(name)
    if (!isAbstractType(type)) return new Set()
    if (isUnionType(type)) return new Set(type.getTypes().map((member) => member.name))
    const { objects, interfaces } = this.#schema.getImplementations(type)
    return new Set([...objects, ...interfaces].map((member) => member.name))
  }

  #count(): void {
    this.#work += 1
    if (this.#work > MOST_WORK) throw new TooEntangled()
  }
}

export function innerSets(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []))
}
