import type { FieldNode } from 'graphql'

/** The response key under which a client's field stands in plans and in the data that subgraphs give. */
export type PlanKey = (field: Pick<FieldNode, 'alias' | 'name'>) => string

/**
 * Makes the keys that keep clients' aliases apart from the fields that planners ask for on their own account.
 *
 * Planners read keys and required fields from the data by their names, where a client may have put something else
 * (`{ product { id: sku } }`): the entity would be looked up by the wrong value, and one planner ends its process.
 * So an alias that is such a name gets a prefix on the way to the planner, and loses it in the answer.
 */
export function createPlanKeys(reserved: ReadonlySet<string>, fieldNames: Iterable<string>): PlanKey {
  const prefix = freePrefix([...fieldNames])
  return ({ alias, name }) => {
    // The type's name has no need of an alias: it is asked once, and the answer writes it wherever it belongs.
    if (alias === undefined || alias.value === name.value || name.value === '__typename') return name.value
    const isTaken = reserved.has(alias.value) || alias.value.startsWith(prefix)
    return isTaken ? prefix + alias.value : alias.value
  }
}

/** A prefix that no field has: what is renamed must not meet what is not. */
function freePrefix(fieldNames: readonly string[]): string {
  let prefix = 'client_'
  while (fieldNames.some((name) => name.startsWith(prefix))) prefix = `${prefix}_`
  return prefix
}

/** The keys as the client wrote them; for graphs of which no planner requires anything. */
export const OWN_KEYS: PlanKey = ({ alias, name }) => (alias ?? name).value
