import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DirectiveDefinitionNode,
  type DocumentNode,
  type EnumTypeDefinitionNode,
  type EnumTypeExtensionNode,
  type FieldDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  type InputObjectTypeDefinitionNode,
  type InputObjectTypeExtensionNode,
  type InterfaceTypeDefinitionNode,
  type InterfaceTypeExtensionNode,
  type NamedTypeNode,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  type TypeNode,
  type UnionTypeDefinitionNode,
  type UnionTypeExtensionNode,
} from 'graphql'
import type { SupergraphFeatures } from './supergraph-features.js'

/**
 * Cuts a supergraph's SDL down to what clients see, keeping every directive that may carry policy.
 *
 * The API schema has the right elements but no directives, the supergraph the reverse; so the API schema says
 * what stays. Output types become nullable and lose their lists, and abstract ones become lists: the policy
 * schema answers with one synthetic object per possible type.
 */
export function toPolicyDocument(
  document: DocumentNode,
  apiSchema: GraphQLSchema,
  features: SupergraphFeatures,
): DocumentNode {
  const directives = document.definitions.filter(
    (definition): definition is DirectiveDefinitionNode =>
      definition.kind === Kind.DIRECTIVE_DEFINITION && !features.isMachinery(definition.name.value),
  )
  const cut = new DocumentCut(apiSchema, features, typesOfArguments(directives, document))
  return {
    kind: Kind.DOCUMENT,
    definitions: document.definitions.flatMap((definition) => cut.definition(definition) ?? []),
  }
}

type Composite =
  | ObjectTypeDefinitionNode
  | ObjectTypeExtensionNode
  | InterfaceTypeDefinitionNode
  | InterfaceTypeExtensionNode

class DocumentCut {
  constructor(
    private readonly apiSchema: GraphQLSchema,
    private readonly features: SupergraphFeatures,
    private readonly argumentTypes: ReadonlySet<string>,
  ) {}

  definition(node: DefinitionNode): DefinitionNode | undefined {
    switch (node.kind) {
      case Kind.SCHEMA_DEFINITION:
        return { ...node, directives: [] }
      case Kind.DIRECTIVE_DEFINITION:
        return this.features.isMachinery(node.name.value) ? undefined : node
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION:
        return this.composite(node)
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.UNION_TYPE_EXTENSION:
        return this.union(node)
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_EXTENSION:
        return this.enumeration(node)
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      case Kind.INPUT_OBJECT_TYPE_EXTENSION:
        return this.input(node)
      case Kind.SCALAR_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_EXTENSION:
        return this.isKept(node.name.value) ? this.stripped(node) : undefined
      default:
        return undefined
    }
  }

  private isKept(name: string): boolean {
    return this.apiSchema.getType(name) !== undefined || this.argumentTypes.has(name)
  }

  private stripped<Node extends { readonly directives?: readonly ConstDirectiveNode[] | undefined }>(
    node: Node,
  ): Node {
    return {
      ...node,
      directives: (node.directives ?? []).filter((one) => !this.features.isMachinery(one.name.value)),
    }
  }

  private composite(node: Composite): Composite | undefined {
    const type = this.apiSchema.getType(node.name.value)
    if (!isObjectType(type) && !isInterfaceType(type)) return undefined
    const visible = type.getFields()
    const interfaces = new Set(type.getInterfaces().map((one) => one.name))
    return {
      ...this.stripped(node),
      interfaces: (node.interfaces ?? []).filter((one) => interfaces.has(one.name.value)),
      fields: (node.fields ?? []).flatMap((field) => {
        const definition = visible[field.name.value]
        return definition ? [this.field(field, definition)] : []
      }),
    }
  }

  private field(node: FieldDefinitionNode, visible: GraphQLField<unknown, unknown>): FieldDefinitionNode {
    const visibleArguments = new Set(visible.args.map((argument) => argument.name))
    return {
      ...this.stripped(node),
      arguments: (node.arguments ?? [])
        .filter((argument) => visibleArguments.has(argument.name.value))
        .map((argument) => this.stripped(argument)),
      type: this.synthetic(node.type),
    }
  }

  private synthetic(type: TypeNode): TypeNode {
    const named = namedTypeOf(type)
    const definition = this.apiSchema.getType(named.name.value)
    return isInterfaceType(definition) || isUnionType(definition)
      ? { kind: Kind.LIST_TYPE, type: named }
      : named
  }

  private union<Node extends UnionTypeDefinitionNode | UnionTypeExtensionNode>(node: Node): Node | undefined {
    const type = this.apiSchema.getType(node.name.value)
    if (!isUnionType(type)) return undefined
    const members = new Set(type.getTypes().map((member) => member.name))
    return {
      ...this.stripped(node),
      types: (node.types ?? []).filter((member) => members.has(member.name.value)),
    }
  }

  private enumeration<Node extends EnumTypeDefinitionNode | EnumTypeExtensionNode>(
    node: Node,
  ): Node | undefined {
    const type = this.apiSchema.getType(node.name.value)
    if (!isEnumType(type)) return this.isKept(node.name.value) ? node : undefined
    return {
      ...this.stripped(node),
      values: (node.values ?? [])
        .filter((value) => type.getValue(value.name.value))
        .map((value) => this.stripped(value)),
    }
  }

  private input<Node extends InputObjectTypeDefinitionNode | InputObjectTypeExtensionNode>(
    node: Node,
  ): Node | undefined {
    const type = this.apiSchema.getType(node.name.value)
    if (!isInputObjectType(type)) return this.isKept(node.name.value) ? node : undefined
    const visible = type.getFields()
    return {
      ...this.stripped(node),
      fields: (node.fields ?? [])
        .filter((field) => visible[field.name.value])
        .map((field) => this.stripped(field)),
    }
  }
}

/** Types that clients do not see but that arguments of kept directives are written in. */
function typesOfArguments(
  directives: readonly DirectiveDefinitionNode[],
  document: DocumentNode,
): ReadonlySet<string> {
  const names = new Set<string>()
  const add = (type: TypeNode): void => {
    const { value } = namedTypeOf(type).name
    if (names.has(value)) return
    names.add(value)
    for (const definition of document.definitions) {
      if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION && definition.name.value === value) {
        for (const field of definition.fields ?? []) add(field.type)
      }
    }
  }
  for (const directive of directives) for (const argument of directive.arguments ?? []) add(argument.type)
  return names
}

function namedTypeOf(type: TypeNode): NamedTypeNode {
  return type.kind === Kind.NAMED_TYPE ? type : namedTypeOf(type.type)
}
