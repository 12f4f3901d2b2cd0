import { Kind, parse, type ConstDirectiveNode, type DefinitionNode, type FieldDefinitionNode } from 'graphql'
import { directiveArguments } from '../kernel/directive-arguments.js'
import { PolicyError } from './policy-error.js'
import { allOf, isEmpty, NO_REQUIREMENT, type AnyOfAll, type Requirement } from './requirement.js'
import { readFeatures, type GuardName, type SupergraphFeatures } from './supergraph-features.js'

/** The requirements that a supergraph's SDL writes down, by type name and by `Type.field`. */
export type WrittenRequirements = ReadonlyMap<string, Requirement>

/** Reads `@authenticated`, `@requiresScopes` and `@policy`, whatever the supergraph calls them. */
export function readRequirements(sdl: string): WrittenRequirements {
  const document = parse(sdl, { noLocation: true })
  const features = readFeatures(document)
  const written = new Map<string, Requirement>()
  const add = (key: string, directives: readonly ConstDirectiveNode[] | undefined): void => {
    const requirement = allOf([written.get(key) ?? NO_REQUIREMENT, ...readGuards(directives, features, key)])
    if (!isEmpty(requirement)) written.set(key, requirement)
  }
  for (const definition of document.definitions) {
    if (!isGuardable(definition)) continue
    add(definition.name.value, definition.directives)
    const fields: readonly FieldDefinitionNode[] = ('fields' in definition && definition.fields) || []
    for (const field of fields) add(`${definition.name.value}.${field.name.value}`, field.directives)
  }
  return written
}

const GUARDABLE = [
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.OBJECT_TYPE_EXTENSION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_EXTENSION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_EXTENSION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.ENUM_TYPE_EXTENSION,
] as const

type Guardable = Extract<DefinitionNode, { readonly kind: (typeof GUARDABLE)[number] }>

function isGuardable(definition: DefinitionNode): definition is Guardable {
  return (GUARDABLE as readonly string[]).includes(definition.kind)
}

function readGuards(
  directives: readonly ConstDirectiveNode[] | undefined,
  features: SupergraphFeatures,
  where: string,
): readonly Requirement[] {
  return (directives ?? []).flatMap((directive) => {
    const guard = features.guardOf(directive.name.value)
    return guard === undefined ? [] : [readGuard(guard, directive, where)]
  })
}

function readGuard(guard: GuardName, directive: ConstDirectiveNode, where: string): Requirement {
  switch (guard) {
    case 'authenticated':
      return { ...NO_REQUIREMENT, authenticated: true }
    case 'requiresScopes':
      return { ...NO_REQUIREMENT, scopes: [readAnyOfAll(directive, 'scopes', where)] }
    case 'policy':
      return { ...NO_REQUIREMENT, policies: [readAnyOfAll(directive, 'policies', where)] }
  }
}

/** List input coercion applies, as everywhere in GraphQL: `"a"` means `[["a"]]` (specification §3.11). */
function readAnyOfAll(directive: ConstDirectiveNode, argument: string, where: string): AnyOfAll {
  const value = directiveArguments(directive)[argument]
  const groups: readonly unknown[] = Array.isArray(value) ? value : [value]
  return groups.map((group) => {
    const names: readonly unknown[] = Array.isArray(group) ? group : [group]
    return names.map((name) => {
      if (typeof name === 'string') return name
      throw new PolicyError(`@${directive.name.value} on ${where} has unreadable "${argument}".`)
    })
  })
}
