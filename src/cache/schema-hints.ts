import { isAbstractType, type ConstDirectiveNode, type GraphQLNamedType, type GraphQLSchema } from 'graphql'
import { NO_HINT, readHint, restrictHint, type CacheHint } from './cache-hint.js'
import { linkedDirectiveNames } from './linked-directives.js'

/** Directives that make what they stand on depend on the caller. */
const ACCESS_DIRECTIVES = ['authenticated', 'requiresScopes', 'policy']

/** The cache hints of one schema. */
export interface SchemaHints {
  /** What stands on this field or type itself. */
  readonly of: (element: Annotated) => CacheHint
  /** What stands on this type and on every type that may come in its place. */
  readonly ofType: (type: GraphQLNamedType) => CacheHint
  /** The type itself and the object types that may come in its place. */
  readonly possibleTypes: (type: GraphQLNamedType) => readonly GraphQLNamedType[]
}

/** A field or type as far as its directives go. */
export interface Annotated {
  readonly astNode?: Directed | null | undefined
  readonly extensionASTNodes?: readonly Directed[]
}

interface Directed {
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}

/**
 * Reads `@cacheControl`, and the access directives as far as they bear on it, from the supergraph.
 *
 * What needs a permission to be seen is PRIVATE unless its author says in a hint on the same element that the
 * answer is the same for everybody who may see it.
 */
export function createSchemaHints(schema: GraphQLSchema): SchemaHints {
  const cacheNames = linkedDirectiveNames(schema, 'cacheControl')
  const accessNames = new Set(ACCESS_DIRECTIVES.flatMap((name) => [...linkedDirectiveNames(schema, name)]))

  const of = (element: Annotated): CacheHint => {
    const nodes = [element.astNode, ...(element.extensionASTNodes ?? [])]
    const directives = nodes.flatMap((node) => node?.directives ?? [])
    const hints = directives.filter(({ name }) => cacheNames.has(name.value)).map(readHint)
    const hint = hints.length === 0 ? NO_HINT : hints.reduce(restrictHint)
    const isGuarded = hint.scope === undefined && directives.some(({ name }) => accessNames.has(name.value))
    return isGuarded ? { ...hint, isGuarded } : hint
  }

  const possibleTypes = (type: GraphQLNamedType): readonly GraphQLNamedType[] =>
    isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type]

  const ofType = (type: GraphQLNamedType): CacheHint => {
    const strictest = possibleTypes(type).map(of).reduce(restrictHint)
    return { ...strictest, inheritMaxAge: of(type).inheritMaxAge }
  }

  return { of, ofType, possibleTypes }
}
