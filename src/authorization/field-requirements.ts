import {
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import type { Supergraph } from '../kernel/supergraph.js'
import { allOf, isEmpty, isEquivalent, NO_REQUIREMENT, type Requirement } from './requirement.js'
import type { WrittenRequirements } from './written-requirements.js'

/** What every guarded field of every object type needs, all rules taken together. */
export interface FieldRequirements {
  /** By `Type.field` of object types; fields without any requirement are absent. */
  readonly ofField: ReadonlyMap<string, Requirement>
  /** By object type: what its mere presence needs, such as `__typename` in a fragment on it. */
  readonly ofType: ReadonlyMap<string, Requirement>
}

/**
 * Compiles the written requirements into one per field (security notes, R1 and R4).
 *
 * A field needs its own, that of the type it returns, that of its parent, and what interfaces add to either. A
 * returned union or interface adds nothing: each of its branches is judged by its own type.
 */
export function compileRequirements(supergraph: Supergraph, written: WrittenRequirements): FieldRequirements {
  const own = (key: string): Requirement => written.get(key) ?? NO_REQUIREMENT
  const inherits = !areInterfacesDerived(supergraph.schema, own)
  const ofField = new Map<string, Requirement>()
  const ofType = new Map<string, Requirement>()
  const typeRequirement = (type: GraphQLObjectType | GraphQLInterfaceType): Requirement =>
    allOf([own(type.name), ...(inherits ? type.getInterfaces().map((one) => own(one.name)) : [])])
  for (const type of objectTypes(supergraph.apiSchema)) {
    const ofParent = typeRequirement(type)
    if (!isEmpty(ofParent)) ofType.set(type.name, ofParent)
    for (const field of Object.values(type.getFields())) {
      const returned = getNamedType(field.type)
      const requirement = allOf([
        ofParent,
        own(`${type.name}.${field.name}`),
        ...(inherits ? type.getInterfaces().map((one) => own(`${one.name}.${field.name}`)) : []),
        isObjectType(returned) ? typeRequirement(returned) : NO_REQUIREMENT,
        isAbstractType(returned) && !inherits ? NO_REQUIREMENT : own(returned.name),
      ])
      if (!isEmpty(requirement)) ofField.set(`${type.name}.${field.name}`, requirement)
    }
  }
  return { ofField, ofType }
}

/**
 * Says whether all requirements on interfaces are the sum of those of their implementations.
 *
 * Composition since 2.12 refuses directives on interfaces and writes that sum instead; then it says nothing that
 * the implementations do not say themselves. Any other requirement on an interface was written by somebody, with
 * an older composer that did not hand it down (GHSA-mx7m-j9xf-62hw), and every implementation inherits it here.
 */
function areInterfacesDerived(schema: GraphQLSchema, own: (key: string) => Requirement): boolean {
  return Object.values(schema.getTypeMap())
    .filter(isInterfaceType)
    .every((type) => {
      const members = schema.getPossibleTypes(type).map((member) => member.name)
      const keys = ['', ...Object.keys(type.getFields()).map((name) => `.${name}`)]
      return keys.every((key) => {
        const sum = allOf(members.map((member) => own(`${member}${key}`)))
        return isEquivalent(own(`${type.name}${key}`), sum) === true
      })
    })
}

function objectTypes(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  )
}
