import { Kind, type ConstDirectiveNode, type DocumentNode, type GraphQLSchema } from 'graphql'
import { directiveArguments } from './directive-arguments.js'

/** A specification that a schema says it follows, by `@link` or its forerunner `@core`. */
export interface LinkedFeature {
  /** URL without version; compared, never opened. */
  readonly identity: string
  /** The last segment of the identity: the specification's own name. */
  readonly specification: string
  /** Such as `v0.1`; undefined where the URL has none. */
  readonly version: string | undefined
  /** The name under which its elements stand in this schema, as in `name__Type`. */
  readonly name: string
  /** Short local names of imported elements, by the element's own name; directives with their `@`. */
  readonly imports: ReadonlyMap<string, string>
  /** `for:`; who must understand the feature lest the schema be misread. */
  readonly purpose: string | undefined
  readonly directive: ConstDirectiveNode
}

/** What `@link` and `@core` are linked by, so that they too may have been renamed. */
const LINK_ITSELF = /^https:\/\/specs\.apollo\.dev\/(link|core)\//

/**
 * Reads the features of a schema (specs.apollo.dev: link v1.0 and core v0.2).
 *
 * The only place that reads links: what a directive means is never decided by its text alone (notes: security §3, R2).
 */
export function linkedFeatures(source: DocumentNode | GraphQLSchema): readonly LinkedFeature[] {
  const directives = schemaDirectives(source)
  const renamed = directives.filter((directive) => LINK_ITSELF.test(urlOf(directive) ?? ''))
  const linking = new Set(['link', 'core', ...renamed.map(({ name }) => name.value)])
  return directives.filter(({ name }) => linking.has(name.value)).flatMap(readFeature)
}

function schemaDirectives(source: DocumentNode | GraphQLSchema): readonly ConstDirectiveNode[] {
  const nodes = 'definitions' in source ? source.definitions : [source.astNode, ...source.extensionASTNodes]
  return nodes.flatMap((node) =>
    node?.kind === Kind.SCHEMA_DEFINITION || node?.kind === Kind.SCHEMA_EXTENSION
      ? (node.directives ?? [])
      : [],
  )
}

function urlOf(directive: ConstDirectiveNode): string | undefined {
  const args = directiveArguments(directive)
  const url = args['url'] ?? args['feature']
  return typeof url === 'string' ? url : undefined
}

function readFeature(directive: ConstDirectiveNode): LinkedFeature[] {
  const url = urlOf(directive)
  if (url === undefined) return []
  const { as, for: purpose, import: imports } = directiveArguments(directive)
  const { identity, specification, version } = splitUrl(url)
  return [
    {
      identity,
      specification,
      version,
      name: typeof as === 'string' ? as : specification,
      imports: readImports(imports),
      purpose: typeof purpose === 'string' ? purpose : undefined,
      directive,
    },
  ]
}

/** The last segment of the path names the feature, unless it is a version such as `v0.1`. */
function splitUrl(url: string): Pick<LinkedFeature, 'identity' | 'specification' | 'version'> {
  const path = (url.split(/[?#]/, 1)[0] ?? '').replace(/\/+$/, '')
  const version = /\/(v\d[^/]*)$/.exec(path)?.[1]
  const identity = version === undefined ? path : path.slice(0, -version.length - 1)
  return { identity, specification: identity.slice(identity.lastIndexOf('/') + 1), version }
}

function readImports(value: unknown): ReadonlyMap<string, string> {
  const imports = new Map<string, string>()
  for (const entry of Array.isArray(value) ? (value as unknown[]) : []) {
    if (typeof entry === 'string') imports.set(entry, entry)
    else if (isImport(entry)) imports.set(entry.name, entry.as ?? entry.name)
  }
  return imports
}

function isImport(value: unknown): value is { name: string; as?: string } {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string'
}

/**
 * Every name under which a schema may use a directive of the feature, without `@`: the imported one first, then in
 * full, then the feature's own where they are called the same.
 */
export function directiveNames(feature: LinkedFeature, directive: string): readonly string[] {
  const imported = feature.imports.get(`@${directive}`)
  return [
    ...(imported === undefined ? [] : [imported.slice(1)]),
    `${feature.name}__${directive}`,
    ...(directive === feature.specification ? [feature.name] : []),
  ]
}

/**
 * Finds under which name a schema defines a directive of a specification, whoever hosts that specification.
 *
 * The links decide; without any, the plain name is meant.
 */
export function findDirectiveName(schema: GraphQLSchema, specification: string, directive: string): string {
  const names = linkedFeatures(schema)
    .filter((feature) => feature.specification === specification)
    .flatMap((feature) => directiveNames(feature, directive))
  return names.find((name) => schema.getDirective(name)) ?? directive
}

/** The name that a directive of the feature has in this schema, without `@`. */
export function localDirectiveName(feature: LinkedFeature, directive: string): string {
  const imported = feature.imports.get(`@${directive}`)
  if (imported !== undefined) return imported.slice(1)
  return directive === feature.specification ? feature.name : `${feature.name}__${directive}`
}

/** Says which type and directive names are machinery of a linked feature rather than part of the graph. */
export function featureElements(features: readonly LinkedFeature[]): {
  readonly isType: (name: string) => boolean
  readonly isDirective: (name: string) => boolean
} {
  const namespaces = new Set(features.map((feature) => feature.name))
  const imported = new Set(features.flatMap((feature) => [...feature.imports.values()]))
  const isNamespaced = (name: string): boolean => {
    const separator = name.indexOf('__')
    return separator > 0 && namespaces.has(name.slice(0, separator))
  }
  return {
    isType: (name) => isNamespaced(name) || imported.has(name),
    isDirective: (name) => isNamespaced(name) || namespaces.has(name) || imported.has(`@${name}`),
  }
}
