import {
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  visit,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { OperationRecord } from '../../kernel/operation.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import { CanonicalArguments } from './canonical-arguments.js'
import type { PlanVariables } from './plan-variables.js'
import { isRuledOut, remoteOperation, type RemoteOperation } from './remote-operation.js'
import { requiredFields } from '../supergraph/required-fields.js'

/** One operation that stands for all that differ from it only in literals, names and ignorable tokens. */
export interface CanonicalOperation {
  /** Equal exactly when a plan can be shared. Is an operation on the API schema. */
  readonly text: string
  readonly operation: OperationDefinitionNode
  readonly fragments: readonly FragmentDefinitionNode[]
  readonly variables: PlanVariables
  /** The client's aliases that have another key in the plan, by that key. */
  readonly aliases: ReadonlyMap<string, string>
}

/** The operation as a client may write it: its canonical form is this one again, on any supergraph that it fits. */
export function clientText({ text, operation, fragments, aliases }: CanonicalOperation): string {
  if (aliases.size === 0) return text
  const restored = visit(
    { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] },
    {
      Field: (field) => {
        const alias = field.alias && aliases.get(field.alias.value)
        return alias === undefined ? undefined : { ...field, alias: { kind: Kind.NAME, value: alias } }
      },
    },
  )
  return print(restored)
}

/** Writes an operation in its canonical form; undefined where subgraphs have nothing to answer. */
export type Canonise = (record: OperationRecord) => CanonicalOperation | undefined

/**
 * Prepares the writing of canonical operations on one supergraph.
 *
 * Variables become `v0`, `v1` … and fragments `f0`, `f1` … in the order of their first use, the operation loses its
 * name, and argument literals become variables where that provably changes nothing. Response keys and the order of
 * fields stay: they are part of the answer.
 */
export function createCanonise(supergraph: Supergraph): Canonise {
  // Planners compare the arguments of a requirement with the client's as they are written.
  const { withArguments: keptLiteral } = requiredFields(supergraph.schema)
  return (record) => {
    const remote = remoteOperation(record)
    if (remote === undefined) return undefined
    const first = new CanonicalArguments(record, keptLiteral)
    const canonical = new CanonicalWriter(supergraph, remote, first).write(record)
    if (first.clashes.size === 0) return canonical
    // What clashed is known now and stays as it is, so the second time nothing clashes.
    const second = new CanonicalArguments(record, keptLiteral, first.clashes)
    return new CanonicalWriter(supergraph, remote, second).write(record)
  }
}

const TYPENAME: SelectionNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

class CanonicalWriter {
  readonly #supergraph: Supergraph
  readonly #remote: RemoteOperation
  readonly #arguments: CanonicalArguments
  /** The fragments spread so far: their new names by the old ones. */
  readonly #fragmentNames = new Map<string, string>()
  readonly #aliases = new Map<string, string>()

  constructor(supergraph: Supergraph, remote: RemoteOperation, args: CanonicalArguments) {
    this.#supergraph = supergraph
    this.#remote = remote
    this.#arguments = args
  }

  write(record: OperationRecord): CanonicalOperation {
    const directives = this.#directives(record.operation.directives)
    const root = this.#supergraph.apiSchema.getRootType(record.operation.operation) ?? undefined
    const selections = this.#remote.selections.map((selection) => this.#selection(selection, root))
    const fragments = this.#fragments()
    const operation: OperationDefinitionNode = {
      kind: Kind.OPERATION_DEFINITION,
      operation: record.operation.operation,
      // Last, when every variable has been met.
      variableDefinitions: this.#arguments.definitions(),
      directives,
      selectionSet: { kind: Kind.SELECTION_SET, selections },
    }
    const text = print({ kind: Kind.DOCUMENT, definitions: [operation, ...fragments] })
    return { text, operation, fragments, variables: this.#arguments.variables(), aliases: this.#aliases }
  }

  /** Writes the fragments in the order of their first use; those met while writing join the end of the row. */
  #fragments(): readonly FragmentDefinitionNode[] {
    const written: FragmentDefinitionNode[] = []
    for (const [oldName, value] of this.#fragmentNames) {
      const fragment = this.#remote.fragments.get(oldName)
      if (fragment === undefined) continue
      const parent = this.#supergraph.apiSchema.getType(fragment.typeCondition.name.value)
      written.push({
        kind: Kind.FRAGMENT_DEFINITION,
        name: { kind: Kind.NAME, value },
        typeCondition: fragment.typeCondition,
        directives: this.#directives(fragment.directives),
        selectionSet: this.#selectionSet(fragment.selectionSet, parent),
      })
    }
    return written
  }

  /**
   * Leaves out what a literal condition rules out: the native planner fails where nothing else was selected.
   *
   * An object whose every field is ruled out still has to be fetched, to know whether it is there.
   */
  #selectionSet({ selections }: SelectionSetNode, parent: GraphQLNamedType | undefined): SelectionSetNode {
    const kept = selections.filter((selection) => !isRuledOut(selection))
    const written = kept.map((selection) => this.#selection(selection, parent))
    if (written.length === 0 || (this.#hidesTypes(parent) && !written.some(asksTypename)))
      written.push(TYPENAME)
    return { kind: Kind.SELECTION_SET, selections: written }
  }

  /** Objects of an interface must tell their type where it may be one that clients must not see. */
  #hidesTypes(parent: GraphQLNamedType | undefined): boolean {
    if (!isInterfaceType(parent)) return false
    const { schema, apiSchema } = this.#supergraph
    const whole = schema.getType(parent.name)
    if (!isInterfaceType(whole)) return false
    return schema.getPossibleTypes(whole).length > apiSchema.getPossibleTypes(parent).length
  }

  #selection(node: SelectionNode, parent: GraphQLNamedType | undefined): SelectionNode {
    switch (node.kind) {
      case Kind.FIELD:
        return this.#field(node, parent)
      case Kind.FRAGMENT_SPREAD:
        return {
          kind: Kind.FRAGMENT_SPREAD,
          name: { kind: Kind.NAME, value: this.#fragmentName(node.name.value) },
          directives: this.#directives(node.directives),
        }
      case Kind.INLINE_FRAGMENT: {
        const { typeCondition } = node
        const inner = typeCondition ? this.#supergraph.apiSchema.getType(typeCondition.name.value) : parent
        return {
          kind: Kind.INLINE_FRAGMENT,
          ...(typeCondition ? { typeCondition } : {}),
          directives: this.#directives(node.directives),
          selectionSet: this.#selectionSet(node.selectionSet, inner),
        }
      }
    }
  }

  #field(node: FieldNode, parent: GraphQLNamedType | undefined): FieldNode {
    const isKnown = isObjectType(parent) || isInterfaceType(parent)
    const field = isKnown ? parent.getFields()[node.name.value] : undefined
    const inner = field && getNamedType(field.type)
    const key = this.#supergraph.planKey(node)
    if (node.alias && key !== node.alias.value && key !== node.name.value)
      this.#aliases.set(key, node.alias.value)
    return {
      kind: Kind.FIELD,
      ...(key === node.name.value ? {} : { alias: { kind: Kind.NAME, value: key } }),
      name: node.name,
      arguments: this.#arguments.ofField(node, field?.args ?? []),
      directives: this.#directives(node.directives),
      ...(node.selectionSet ? { selectionSet: this.#selectionSet(node.selectionSet, inner) } : {}),
    }
  }

  #directives(directives: readonly DirectiveNode[] | undefined): readonly DirectiveNode[] {
    return directives?.map((directive) => this.#arguments.ofDirective(directive)) ?? []
  }

  #fragmentName(oldName: string): string {
    const known = this.#fragmentNames.get(oldName)
    if (known !== undefined) return known
    const name = `f${this.#fragmentNames.size}`
    this.#fragmentNames.set(oldName, name)
    return name
  }
}

/** What was skipped or is named otherwise does not count. */
function asksTypename(node: SelectionNode): boolean {
  const isPlain = node.kind === Kind.FIELD && node.alias === undefined && node.directives?.length === 0
  return isPlain && node.name.value === '__typename'
}
