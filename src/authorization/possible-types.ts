import { getNamedType, isAbstractType, isObjectType, type GraphQLSchema } from 'graphql'

/** Object types by name: those that can stand at one place of an operation. */
export type TypeSet = ReadonlySet<string>

/** Answers which object types can stand where, as execution would find them. */
export class PossibleTypes {
  readonly #schema: GraphQLSchema
  readonly #known = new Map<string, TypeSet>()

  constructor(schema: GraphQLSchema) {
    this.#schema = schema
  }

  /** The object types that a type of this name can be. */
  of(typeName: string): TypeSet {
    const known = this.#known.get(typeName)
    if (known) return known
    const type = this.#schema.getType(typeName)
    const names = isAbstractType(type)
      ? this.#schema.getPossibleTypes(type).map((member) => member.name)
      : [typeName]
    const set: TypeSet = new Set(names)
    this.#known.set(typeName, set)
    return set
  }

  isAbstract(typeName: string): boolean {
    return isAbstractType(this.#schema.getType(typeName))
  }

  /** Those of `types` that pass a fragment's type condition. */
  narrowed(types: TypeSet, condition: string | undefined): TypeSet {
    if (condition === undefined) return types
    const admitted = this.of(condition)
    return new Set([...types].filter((name) => admitted.has(name)))
  }

  /** The object types that a field can return when it is selected on any of `types`. */
  returned(types: TypeSet, fieldName: string): TypeSet {
    const returned = new Set<string>()
    for (const typeName of types) {
      for (const name of this.of(this.returnTypeName(typeName, fieldName))) returned.add(name)
    }
    return returned
  }

  /** The named type of a field; raises for a field that the policy schema does not have. */
  returnTypeName(typeName: string, fieldName: string): string {
    const type = this.#schema.getType(typeName)
    const fields = isObjectType(type) || (isAbstractType(type) && 'getFields' in type) ? type.getFields() : {}
    const field = fields[fieldName]
    // Never skip what the policy does not know: an operation with such a field is refused as a whole.
    if (field === undefined) throw new Error(`The policy does not cover ${typeName}.${fieldName}.`)
    return getNamedType(field.type).name
  }
}
