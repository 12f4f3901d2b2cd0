import {
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql'

/** What stands for an object of a type while the policy is asked; all objects of one type are the same one. */
export type SyntheticObject = Readonly<{ __typename: string }>

/** Looked for by graphql-js and by promises on any value; they find nothing, as on every plain object. */
const HARMLESS = new Set<PropertyKey>(['then', 'toJSON', 'constructor', 'length'])

/**
 * An object without data that says so.
 *
 * A rule such as `parent.ownerId === ctx.user?.id` would compare nothing with nothing and allow; reading data
 * that is not there is a fault instead, and a fault refuses.
 */
function createSyntheticObject(typeName: string): SyntheticObject {
  return new Proxy(Object.freeze({ __typename: typeName }), {
    get: (target, key, receiver): unknown => {
      if (typeof key === 'symbol' || key in target || HARMLESS.has(key)) {
        return Reflect.get(target, key, receiver)
      }
      throw new Error(`Policy is asked before data is fetched: ${typeName}.${key} is not known to a rule.`)
    },
  })
}

/** The synthetic objects of one policy schema: one per type, and one for what stands above the root. */
export class SyntheticObjects {
  readonly root = createSyntheticObject('root')
  readonly #byType = new Map<string, SyntheticObject>()

  of(typeName: string): SyntheticObject {
    const known = this.#byType.get(typeName) ?? createSyntheticObject(typeName)
    this.#byType.set(typeName, known)
    return known
  }
}

/** Gives every field of the schema a resolver that only says "allowed". */
export function addSyntheticResolvers(schema: GraphQLSchema, objects: SyntheticObjects): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields()))
      field.resolve = resolverFor(schema, field.type, objects)
  }
}

function resolverFor(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  objects: SyntheticObjects,
): GraphQLFieldResolver<unknown, unknown> {
  const named = getNamedType(type)
  if (isLeafType(named)) return () => null
  if (isAbstractType(named)) {
    const members = schema.getPossibleTypes(named).map((member) => objects.of(member.name))
    return () => members
  }
  const object = objects.of(named.name)
  return () => object
}
