import {
  Kind,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type DocumentNode,
  type SchemaDefinitionNode,
  type SchemaExtensionNode,
} from 'graphql'

/** A specification that a schema says it follows, by `@link` or its forerunner `@core`. */
export interface LinkedFeature {
  /** URL without version; compared, never opened. */
  readonly identity: string
  /** The name under which its elements stand in this schema, as in `name__Type`. */
  readonly name: string
  /** Short local names of imported elements, by the element's own name; directives with their `@`. */
  readonly imports: ReadonlyMap<string, string>
  /** `for:`; who must understand the feature lest the schema be misread. */
  readonly purpose: string | undefined
  readonly directive: ConstDirectiveNode
}

/** Reads the features of a schema (specs.apollo.dev: link v1.0 and core v0.2). */
export function linkedFeatures(document: DocumentNode): readonly LinkedFeature[] {
  return document.definitions
    .filter((node) => node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION)
    .flatMap((node: SchemaDefinitionNode | SchemaExtensionNode) => node.directives ?? [])
    .filter((directive) => directive.name.value === 'link' || directive.name.value === 'core')
    .flatMap(readFeature)
}

function readFeature(directive: ConstDirectiveNode): LinkedFeature[] {
  const args = argumentsOf(directive)
  const url = args['url'] ?? args['feature']
  if (typeof url !== 'string') return []
  const { identity, name } = splitUrl(url)
  const alias = args['as']
  const purpose = args['for']
  return [
    {
      identity,
      name: typeof alias === 'string' ? alias : name,
      imports: readImports(args['import']),
      purpose: typeof purpose === 'string' ? purpose : undefined,
      directive,
    },
  ]
}

function argumentsOf(directive: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(
    (directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]),
  )
}

/** The last segment of the path names the feature, unless it is a version such as `v0.1`. */
function splitUrl(url: string): { identity: string; name: string } {
  const identity = url.replace(/\/+$/, '').replace(/\/v\d+(\.\d+)*$/, '')
  return { identity, name: identity.slice(identity.lastIndexOf('/') + 1) }
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

/** The name that a directive of the feature has in this schema, without `@`. */
export function localDirectiveName(feature: LinkedFeature, directive: string): string {
  const imported = feature.imports.get(`@${directive}`)
  if (imported !== undefined) return imported.slice(1)
  const ownName = feature.identity.slice(feature.identity.lastIndexOf('/') + 1)
  return directive === ownName ? feature.name : `${feature.name}__${directive}`
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
