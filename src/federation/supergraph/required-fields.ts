import {
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
  visit,
  type ConstDirectiveNode,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql'

/** The fields that planners ask for on their own account, by name. */
export interface RequiredFields {
  readonly names: ReadonlySet<string>
  /** Those mentioned with arguments. */
  readonly withArguments: ReadonlySet<string>
}

/**
 * Reads every `@key`, `@requires` and `@provides` of a supergraph (join specification: `@join__type(key:)`,
 * `@join__field(requires:, provides:)`).
 */
export function requiredFields(schema: GraphQLSchema): RequiredFields {
  const names = new Set<string>()
  const withArguments = new Set<string>()
  for (const fieldSet of fieldSetsOf(schema)) {
    visit(parse(`{${fieldSet}}`, { noLocation: true }), {
      Field: ({ name, arguments: args = [] }) => {
        names.add(name.value)
        if (args.length > 0) withArguments.add(name.value)
      },
    })
  }
  return { names, withArguments }
}

const FIELD_SET_ARGUMENTS: ReadonlySet<string> = new Set(['key', 'requires', 'provides'])

/** Whatever the join specification is called in this schema; a text of another directive does no harm. */
function fieldSetsOf(schema: GraphQLSchema): ReadonlySet<string> {
  const found = new Set<string>()
  for (const directive of Object.values(schema.getTypeMap()).flatMap(directivesOf)) {
    if (!/__(type|field)$/.test(directive.name.value)) continue
    for (const { name, value } of directive.arguments ?? []) {
      if (FIELD_SET_ARGUMENTS.has(name.value) && value.kind === Kind.STRING) found.add(value.value)
    }
  }
  return found
}

function directivesOf(type: GraphQLNamedType): readonly ConstDirectiveNode[] {
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []
  return [type, ...fields].flatMap(({ astNode }): readonly ConstDirectiveNode[] => astNode?.directives ?? [])
}
