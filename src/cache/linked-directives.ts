import { Kind, type ConstDirectiveNode, type ConstValueNode, type GraphQLSchema } from 'graphql'

/**
 * Finds the names under which a schema knows a directive.
 *
 * Composed schemas bind directives to specifications by `@link` and may give them other names there, so the text
 * `@authenticated` alone says too little (notes: security §3, R2). Every name that may mean the directive is
 * returned, its plain name included: for cache hints the strictest reading is the safe one.
 */
export function linkedDirectiveNames(schema: GraphQLSchema, name: string): ReadonlySet<string> {
  const names = new Set([name])
  for (const link of readLinks(schema)) {
    if (link.feature === name) names.add(link.as)
    else names.add(`${link.as}__${name}`)
    const imported = link.imports.get(`@${name}`)
    if (imported !== undefined) names.add(imported.slice(1))
  }
  return names
}

interface Link {
  /** The name in the specification's URL, without version. */
  readonly feature: string
  /** The prefix that the schema uses for it. */
  readonly as: string
  /** `@name` in the specification → `@name` in this schema. */
  readonly imports: ReadonlyMap<string, string>
}

function readLinks(schema: GraphQLSchema): readonly Link[] {
  const nodes = [schema.astNode, ...schema.extensionASTNodes]
  return nodes.flatMap((node) => node?.directives ?? []).flatMap(readLink)
}

/** Reads any directive on the schema that has a `url`: `@link` itself may have been renamed. */
function readLink(directive: ConstDirectiveNode): readonly Link[] {
  const value = (name: string): ConstValueNode | undefined =>
    directive.arguments?.find((argument) => argument.name.value === name)?.value
  const url = toText(value('url'))
  if (url === undefined) return []
  const feature = featureOf(url)
  return [{ feature, as: toText(value('as')) ?? feature, imports: readImports(value('import')) }]
}

/** `https://specs.example/cacheControl/v0.1` → `cacheControl` (link specification, "Spec URLs"). */
function featureOf(url: string): string {
  const parts =
    url
      .split(/[?#]/, 1)[0]
      ?.split('/')
      .filter((part) => part !== '') ?? []
  const last = parts.at(-1) ?? ''
  return /^v\d+(\.\d+)*$/.test(last) ? (parts.at(-2) ?? '') : last
}

function readImports(value: ConstValueNode | undefined): ReadonlyMap<string, string> {
  const imports = new Map<string, string>()
  if (value?.kind !== Kind.LIST) return imports
  for (const item of value.values) {
    const plain = toText(item)
    if (plain !== undefined) imports.set(plain, plain)
    if (item.kind !== Kind.OBJECT) continue
    const field = (name: string): string | undefined =>
      toText(item.fields.find((candidate) => candidate.name.value === name)?.value)
    const name = field('name')
    if (name !== undefined) imports.set(name, field('as') ?? name)
  }
  return imports
}

function toText(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING ? value.value : undefined
}
