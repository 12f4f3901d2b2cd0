import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { NO_STORE, type CachePolicy } from '../kernel/decisions.js'
import { fragmentsByName, type FragmentsByName } from '../kernel/fragments-by-name.js'
import type { OperationRecord } from '../kernel/operation.js'
import { restrictPolicy, type CacheHint } from './cache-hint.js'
import { createSchemaHints, type SchemaHints } from './schema-hints.js'

/** What an element contributes that says nothing: no bound at all. */
const UNBOUND: CachePolicy = { maxAgeSeconds: Infinity, scope: 'PUBLIC' }

type SchemaField = GraphQLField<unknown, unknown>

/**
 * Prepares the static cache policy of queries: what the hints in the schema allow for what is selected.
 *
 * Apollo's rules for `@cacheControl`: root fields and fields with objects default to `defaultMaxAgeSeconds`,
 * leaves follow their parent, the smallest age wins, one PRIVATE part makes the whole PRIVATE. `@skip` and
 * `@include` are not looked at, and of an abstract type every possible hint counts: the strictest reading.
 */
export function createOperationPolicy(
  schema: GraphQLSchema,
  defaultMaxAgeSeconds: number,
): (operation: OperationRecord) => CachePolicy {
  const hints = createSchemaHints(schema)
  return (operation) => {
    const root = schema.getQueryType()
    if (operation.type !== 'query' || root == null) return NO_STORE
    return new PolicyWalk(schema, hints, defaultMaxAgeSeconds, operation).policyOf(root)
  }
}

class PolicyWalk {
  #policy = UNBOUND
  readonly #schema: GraphQLSchema
  readonly #hints: SchemaHints
  readonly #defaultMaxAgeSeconds: number
  readonly #operation: OperationRecord
  readonly #fragments: FragmentsByName
  readonly #fragmentsSeen = new Set<string>()

  constructor(
    schema: GraphQLSchema,
    hints: SchemaHints,
    defaultMaxAgeSeconds: number,
    operation: OperationRecord,
  ) {
    this.#schema = schema
    this.#hints = hints
    this.#defaultMaxAgeSeconds = defaultMaxAgeSeconds
    this.#operation = operation
    this.#fragments = fragmentsByName(operation.document)
  }

  policyOf(root: GraphQLNamedType): CachePolicy {
    this.#visitSet(this.#operation.operation.selectionSet, root)
    // Without a bound there was no field of the graph: introspection, or `__typename` alone.
    return this.#policy.maxAgeSeconds === Infinity ? NO_STORE : this.#policy
  }

  #restrict(policy: CachePolicy): void {
    this.#policy = restrictPolicy(this.#policy, policy)
  }

  #visitSet(selectionSet: SelectionSetNode, parent: GraphQLNamedType | undefined): void {
    if (parent === undefined) {
      this.#restrict(NO_STORE)
      return
    }
    if (isGuarded(parent, this.#hints)) this.#restrict({ ...UNBOUND, scope: 'PRIVATE' })
    for (const selection of selectionSet.selections) this.#visit(selection, parent)
  }

  #visit(selection: SelectionNode, parent: GraphQLNamedType): void {
    switch (selection.kind) {
      case Kind.FIELD:
        if (!selection.name.value.startsWith('__')) this.#visitField(selection, parent)
        return
      case Kind.INLINE_FRAGMENT:
        this.#visitSet(selection.selectionSet, this.#conditionOf(selection.typeCondition?.name.value, parent))
        return
      case Kind.FRAGMENT_SPREAD:
        this.#visitFragment(selection.name.value, parent)
    }
  }

  /** A fragment contributes the same wherever it is spread, so once is enough. */
  #visitFragment(name: string, parent: GraphQLNamedType): void {
    if (this.#fragmentsSeen.has(name)) return
    this.#fragmentsSeen.add(name)
    const fragment = this.#fragments.get(name)
    if (!fragment) return
    this.#visitSet(fragment.selectionSet, this.#conditionOf(fragment.typeCondition.name.value, parent))
  }

  #conditionOf(name: string | undefined, parent: GraphQLNamedType): GraphQLNamedType | undefined {
    return name === undefined ? parent : this.#schema.getType(name)
  }

  #visitField(node: FieldNode, parent: GraphQLNamedType): void {
    const fields = this.#hints.possibleTypes(parent).flatMap((type) => fieldOf(type, node.name.value) ?? [])
    if (fields.length === 0) this.#restrict(NO_STORE)
    for (const field of fields) this.#restrict(this.#fieldPolicy(field, parent))
    const [first] = fields
    if (first === undefined || node.selectionSet === undefined) return
    this.#visitSet(node.selectionSet, getNamedType(first.type))
  }

  #fieldPolicy(field: SchemaField, parent: GraphQLNamedType): CachePolicy {
    const type = getNamedType(field.type)
    const onField = this.#hints.of(field)
    const onType = this.#hints.ofType(type)
    const needsAge =
      parent === this.#schema.getQueryType() || (isCompositeType(type) && !inherits(onField, onType))
    const guarded = onField.isGuarded || onType.isGuarded || isGuardedByInterface(field, parent, this.#hints)
    return {
      maxAgeSeconds: ageOf(onField, onType) ?? (needsAge ? this.#defaultMaxAgeSeconds : Infinity),
      scope: guarded ? 'PRIVATE' : (onField.scope ?? onType.scope ?? 'PUBLIC'),
    }
  }
}

/** A field's own age goes before its type's, except where it only asks to inherit. */
function ageOf(onField: CacheHint, onType: CacheHint): number | undefined {
  if (onField.inheritMaxAge && onType.maxAgeSeconds === undefined) return undefined
  return onField.maxAgeSeconds ?? onType.maxAgeSeconds
}

function inherits(onField: CacheHint, onType: CacheHint): boolean {
  return onType.inheritMaxAge || (onField.inheritMaxAge && onType.maxAgeSeconds === undefined)
}

function isGuarded(type: GraphQLNamedType, hints: SchemaHints): boolean {
  return hints.ofType(type).isGuarded || interfacesOf(type).some((parent) => hints.of(parent).isGuarded)
}

/** What an interface's field requires is required of the field in every implementation (notes: security §3, R4). */
function isGuardedByInterface(field: SchemaField, type: GraphQLNamedType, hints: SchemaHints): boolean {
  return interfacesOf(type).some((parent) => {
    const inherited = fieldOf(parent, field.name)
    return inherited !== undefined && hints.of(inherited).isGuarded
  })
}

function interfacesOf(type: GraphQLNamedType): readonly GraphQLNamedType[] {
  return isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : []
}

function fieldOf(type: GraphQLNamedType, name: string): SchemaField | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
}
