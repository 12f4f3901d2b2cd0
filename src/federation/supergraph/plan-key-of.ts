import { isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql'
import { createPlanKeys, type PlanKey } from '../../kernel/plan-keys.js'
import { requiredFields } from './required-fields.js'

/** Reads from a supergraph which aliases of clients would meet what planners ask for on their own account. */
export function planKeyOf(schema: GraphQLSchema): PlanKey {
  const { names } = requiredFields(schema)
  return createPlanKeys(new Set([...names, '__typename']), fieldNames(schema))
}

function fieldNames(schema: GraphQLSchema): ReadonlySet<string> {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => isObjectType(type) || isInterfaceType(type),
  )
  return new Set(types.flatMap((type) => Object.keys(type.getFields())))
}
