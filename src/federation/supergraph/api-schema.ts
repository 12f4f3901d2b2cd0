import {
  assertValidSchema,
  buildASTSchema,
  Kind,
  specifiedDirectives,
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  type NamedTypeNode,
  type NameNode,
} from 'graphql'
import { featureElements, localDirectiveName, type LinkedFeature } from '../../kernel/linked-features.js'

const INACCESSIBLE = 'https://specs.apollo.dev/inaccessible'

/**
 * Builds what clients see: the supergraph without federation machinery and without inaccessible elements.
 *
 * Made from the syntax tree rather than by Apollo's libraries, whose loading alone takes longer than a start may.
 * Composition has made sure that nothing accessible refers to something inaccessible.
 */
export function buildApiSchema(document: DocumentNode, features: readonly LinkedFeature[]): GraphQLSchema {
  const view = new ApiView(document, features)
  const definitions = document.definitions.flatMap((definition) => view.definition(definition))
  const schema = buildASTSchema({ kind: Kind.DOCUMENT, definitions }, { assumeValidSDL: true })
  assertValidSchema(schema)
  return schema
}

/** A node that may carry directives, as every part of a type system definition does. */
interface Annotated {
  readonly directives?: readonly { readonly name: NameNode }[] | undefined
}

class ApiView {
  readonly #elements: ReturnType<typeof featureElements>
  readonly #inaccessible: string | undefined
  readonly #hiddenTypes: ReadonlySet<string>
  readonly #keptDirectives: ReadonlySet<string>

  constructor(document: DocumentNode, features: readonly LinkedFeature[]) {
    this.#elements = featureElements(features)
    const feature = features.find(({ identity }) => identity === INACCESSIBLE)
    this.#inaccessible = feature && localDirectiveName(feature, 'inaccessible')
    this.#hiddenTypes = new Set(document.definitions.flatMap((node) => this.#hiddenTypeName(node)))
    this.#keptDirectives = new Set([
      ...specifiedDirectives.map((directive) => directive.name),
      ...document.definitions.flatMap((node) =>
        node.kind === Kind.DIRECTIVE_DEFINITION && !this.#elements.isDirective(node.name.value)
          ? [node.name.value]
          : [],
      ),
    ])
  }

  #hiddenTypeName(node: DefinitionNode): string[] {
    if (!('name' in node) || node.kind === Kind.DIRECTIVE_DEFINITION) return []
    return this.#elements.isType(node.name.value) || this.#isInaccessible(node) ? [node.name.value] : []
  }

  #isInaccessible(node: Annotated): boolean {
    return node.directives?.some((directive) => directive.name.value === this.#inaccessible) ?? false
  }

  #isVisibleType = (node: NamedTypeNode): boolean => !this.#hiddenTypes.has(node.name.value)

  /** The node with only those directives that mean something to clients; nothing when it is hidden. */
  #keep<Node extends Annotated>(node: Node): Node[] {
    if (this.#isInaccessible(node)) return []
    const directives = node.directives?.filter(({ name }) => this.#keptDirectives.has(name.value)) ?? []
    return [{ ...node, directives }]
  }

  #keepAll<Node extends Annotated>(nodes: readonly Node[] | undefined): Node[] {
    return nodes?.flatMap((node) => this.#keep(node)) ?? []
  }

  definition(node: DefinitionNode): DefinitionNode[] {
    if ('name' in node && this.#hiddenTypes.has(node.name.value)) return []
    switch (node.kind) {
      case Kind.DIRECTIVE_DEFINITION:
        return this.#elements.isDirective(node.name.value)
          ? []
          : [{ ...node, arguments: this.#keepAll(node.arguments) }]
      case Kind.SCHEMA_DEFINITION:
        return this.#keep({
          ...node,
          operationTypes: node.operationTypes.filter(({ type }) => this.#isVisibleType(type)),
        })
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        return this.#keep({
          ...node,
          interfaces: node.interfaces?.filter(this.#isVisibleType) ?? [],
          fields: this.#keepAll(node.fields).map((field) => ({
            ...field,
            arguments: this.#keepAll(field.arguments),
          })),
        })
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.UNION_TYPE_EXTENSION:
        return this.#keep({ ...node, types: node.types?.filter(this.#isVisibleType) ?? [] })
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_EXTENSION:
        return this.#keep({ ...node, values: this.#keepAll(node.values) })
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      case Kind.INPUT_OBJECT_TYPE_EXTENSION:
        return this.#keep({ ...node, fields: this.#keepAll(node.fields) })
      case Kind.SCALAR_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_EXTENSION:
        return this.#keep(node)
      default:
        return []
    }
  }
}
