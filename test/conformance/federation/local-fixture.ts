/** A subgraph that serves the data of a suite. */
import { isInterfaceType, type GraphQLSchema } from 'graphql'
import { buildLocalSchema, type LocalSubgraph, type Row } from '../../support/local-subgraph.js'
import { createEntityFinder } from './entity-rows.js'
import { evaluate, write } from './fixture-value.js'
import type { SubgraphFixture } from './suite.js'

/** What a run collects from all subgraphs together. */
export interface Ledger {
  /** What `$note` wrote down. */
  readonly notes: string[]
  /** Things that no right plan asks for; they would be masked in the answer. */
  readonly faults: string[]
}

/** Makes the subgraph; `ledger` says where a request's notes and faults go. */
export function createLocalFixture(
  name: string,
  { schema: typeDefs, federation, data, resolve }: SubgraphFixture,
  ledger: () => Ledger,
): LocalSubgraph {
  const schema: GraphQLSchema = buildLocalSchema(
    { name, typeDefs, ...(federation ? { federation } : {}) },
    (reference) => noted(() => findEntity(reference)),
  )
  const rows = new Map(
    Object.entries(data).flatMap(([type, held]) =>
      Array.isArray(held) ? [[type, held.map((row) => ({ __typename: type, ...row }))] as const] : [],
    ),
  )
  const findEntity = createEntityFinder(schema, rowsOf)

  /** Of an interface, the rows of every type that has it. */
  function rowsOf(type: string): readonly Row[] {
    const own = rows.get(type)
    if (own) return own
    const definition = schema.getType(type)
    if (!isInterfaceType(definition)) throw new Error(`${name} has no rows of ${type}.`)
    return schema.getPossibleTypes(definition).flatMap((possible) => rows.get(possible.name) ?? [])
  }

  function noted<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      ledger().faults.push(`${name}: ${String(error)}`)
      throw error
    }
  }

  function rootRow(type: string): Row {
    const held = data[type]
    return held === undefined || Array.isArray(held) ? {} : held
  }

  /** Data may name an entity by its key; what else is known of it stands in its row. */
  function known(type: string, object: Row): Row {
    return rows.has(type) ? { ...findEntity({ ...object, __typename: type }), ...object } : object
  }

  return {
    schema,
    fieldResolver: (source, args, _context, { parentType: { name: type }, fieldName, operation }) =>
      noted(() => {
        const isRoot = type === schema.getRootType(operation.operation)?.name
        const object = isRoot ? { ...rootRow(type), ...source } : known(type, source)
        const site = { source: object, args }
        const made: unknown = resolve[`${type}.${fieldName}`]
        if (typeof made === 'string') return write(made, site)
        const value = made ?? object[fieldName]
        if (value === undefined) throw new Error(`${type}.${fieldName} is not in ${JSON.stringify(object)}.`)
        return evaluate(value, site, { rowsOf, notes: ledger().notes })
      }),
  }
}
