/** The keys by which a subgraph's schema says that its entities can be found. */
import {
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'

/** `@key` of the type, without those that are only for links to other subgraphs. */
export function resolvableKeys(schema: GraphQLSchema, name: string): readonly SelectionSetNode[] {
  const type = schema.getType(name)
  if (!isObjectType(type) && !isInterfaceType(type)) throw new Error(`There is no entity ${name}.`)
  return [type.astNode, ...type.extensionASTNodes]
    .flatMap((node): readonly ConstDirectiveNode[] => node?.directives ?? [])
    .filter(({ name: directive }) => directive.value === 'key')
    .map(({ arguments: args = [] }) =>
      Object.fromEntries(args.map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)])),
    )
    .filter(({ resolvable }) => resolvable !== false)
    .map(({ fields }) => selectionSetOf(String(fields)))
}

/** Reads a set of fields as `@key`, `@requires` and `@provides` take it. */
export function selectionSetOf(fields: string): SelectionSetNode {
  const [definition] = parse(`{ ${fields} }`).definitions
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${fields}" is not a set of fields.`)
  return definition.selectionSet
}
