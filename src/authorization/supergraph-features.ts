import { Kind, type ConstDirectiveNode, type ConstValueNode, type DocumentNode } from 'graphql'
import { PolicyError } from './policy-error.js'

/** The directives that guard fields and types, by the name under which their specification knows them. */
export type GuardName = 'authenticated' | 'requiresScopes' | 'policy'

/** One `@link` (or, in older supergraphs, `@core`) of a supergraph's schema. */
interface Feature {
  /** The specification's address without its version. */
  readonly identity: string
  readonly name: string
  readonly version: string
  readonly namespace: string
  readonly isSecurity: boolean
  /** Imported directives without `@`: name in the specification → name in this document. */
  readonly imports: ReadonlyMap<string, string>
}

/** What a supergraph's links say about the names used in it. */
export interface SupergraphFeatures {
  /** What a directive of this document guards by, whatever it is called here. */
  readonly guardOf: (directiveName: string) => GuardName | undefined
  /** True for names that belong to federation itself and are no part of any policy. */
  readonly isMachinery: (directiveName: string) => boolean
}

const APOLLO = 'https://specs.apollo.dev'
const GUARDS: readonly GuardName[] = ['authenticated', 'requiresScopes', 'policy']
const MACHINERY = ['link', 'core', 'join', 'inaccessible']
/** Every `for: SECURITY` feature that this room or the API schema enforces, in the versions it knows. */
const UNDERSTOOD = [...GUARDS, 'inaccessible'].map((name) => `${APOLLO}/${name}`)

/**
 * Resolves directive names through the supergraph's links, as the link specification says (core v0.1 §4, link v1.0).
 *
 * Never by the text `authenticated`: an imported name, one renamed with `as` and an un-imported one guard alike
 * (GHSA-g8jh-vg5j-4h3f). A security feature that nobody here understands stops the load.
 */
export function readFeatures(document: DocumentNode): SupergraphFeatures {
  const features = schemaDirectives(document).flatMap((directive) => readFeature(directive) ?? [])
  const misunderstood = features.find(
    (feature) =>
      feature.isSecurity && !(UNDERSTOOD.includes(feature.identity) && feature.version.startsWith('v0.')),
  )
  if (misunderstood) {
    throw new PolicyError(
      `The supergraph uses ${misunderstood.identity}/${misunderstood.version} for SECURITY, which this gateway cannot enforce.`,
    )
  }
  const guards = guardNames(features)
  const machinery = features.filter((feature) =>
    MACHINERY.some((name) => feature.identity === `${APOLLO}/${name}`),
  )
  return {
    guardOf: (name) => guards.get(name),
    isMachinery: (name) =>
      machinery.some((feature) => belongsTo(feature, name)) || /^(join|link|core)(__|$)/.test(name),
  }
}

function guardNames(features: readonly Feature[]): ReadonlyMap<string, GuardName> {
  const names = new Map<string, GuardName>()
  const claimed = (name: string): boolean =>
    features.some((feature) => !feature.identity.startsWith(APOLLO) && belongsTo(feature, name))
  for (const guard of GUARDS) {
    // A definition that no link claims may come from a composer that forgets links: guarding is the safe reading.
    for (const name of [guard, `federation__${guard}`]) if (!claimed(name)) names.set(name, guard)
    for (const feature of features) {
      if (feature.identity === `${APOLLO}/${guard}`) {
        for (const name of namesOf(feature, guard)) names.set(name, guard)
        if (!claimed(feature.namespace)) names.set(feature.namespace, guard)
      }
      if (feature.identity === `${APOLLO}/federation`) {
        for (const name of namesOf(feature, guard)) names.set(name, guard)
      }
    }
  }
  return names
}

/** Under which names a document may use directive `name` of a feature. */
function namesOf(feature: Feature, name: string): readonly string[] {
  const imported = feature.imports.get(name)
  const prefixed = `${feature.namespace}__${name}`
  return imported === undefined ? [prefixed] : [imported, prefixed]
}

function belongsTo(feature: Feature, directiveName: string): boolean {
  return (
    directiveName === feature.namespace ||
    directiveName.startsWith(`${feature.namespace}__`) ||
    [...feature.imports.values()].includes(directiveName)
  )
}

function schemaDirectives(document: DocumentNode): readonly ConstDirectiveNode[] {
  return document.definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
      ? (definition.directives ?? [])
      : [],
  )
}

function readFeature(directive: ConstDirectiveNode): Feature | undefined {
  const argument = (name: string): ConstValueNode | undefined =>
    directive.arguments?.find((candidate) => candidate.name.value === name)?.value
  const url = textOf(argument('url') ?? argument('feature'))
  const match = url === undefined ? undefined : /^(.*\/([^/]+))\/(v\d[^/]*)\/?$/.exec(url)
  const [, identity, name, version] = match ?? []
  if (identity === undefined || name === undefined || version === undefined) return undefined
  return {
    identity,
    name,
    version,
    namespace: textOf(argument('as')) ?? name,
    isSecurity: textOf(argument('for')) === 'SECURITY',
    imports: readImports(argument('import')),
  }
}

/** `["@a", { name: "@b", as: "@c" }]`; types are not of interest here. */
function readImports(value: ConstValueNode | undefined): ReadonlyMap<string, string> {
  const imports = new Map<string, string>()
  if (value?.kind !== Kind.LIST) return imports
  for (const entry of value.values) {
    const part = (name: string): string | undefined =>
      entry.kind === Kind.OBJECT
        ? textOf(entry.fields.find((field) => field.name.value === name)?.value)
        : textOf(entry)
    const name = part('name')
    if (name?.startsWith('@')) imports.set(name.slice(1), (part('as') ?? name).slice(1))
  }
  return imports
}

function textOf(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined
}
