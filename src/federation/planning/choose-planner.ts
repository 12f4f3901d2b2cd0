import type { Logger } from '../../kernel/ports/logger.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import { createApolloPlanner } from './apollo-planner.js'
import { createNativePlanner } from './native-planner.js'
import type { Planner } from './planner.js'

export interface PlannerPorts {
  readonly supergraph: Supergraph
  readonly logger: Logger
}

/** Makes the planner that the options name; rejects when it cannot take this supergraph. */
export async function choosePlanner(
  choice: 'native' | 'apollo' | 'auto',
  ports: PlannerPorts,
): Promise<Planner> {
  switch (choice) {
    case 'native':
      return createNativePlanner(ports.supergraph)
    case 'apollo':
      return createApolloPlanner(ports.supergraph)
    case 'auto':
      return chooseByPlatform(ports)
  }
}

async function chooseByPlatform(ports: PlannerPorts): Promise<Planner> {
  try {
    return withFallback(await createNativePlanner(ports.supergraph), ports)
  } catch (error) {
    ports.logger.warn({ err: error }, "The native planner cannot be used; Apollo's planner takes its place.")
    return createApolloPlanner(ports.supergraph)
  }
}

/**
 * Asks Apollo's planner where the native one gives up, which happens on valid operations too, such as a `@requires`
 * two levels below another subgraph's entity.
 */
function withFallback(first: Planner, ports: PlannerPorts): Planner {
  let second: Promise<Planner> | undefined
  return {
    name: first.name,
    plan: async (operation) => {
      try {
        return await first.plan(operation)
      } catch (error) {
        ports.logger.debug(
          { err: error, operation: operation.source },
          'The native planner gave an operation up.',
        )
        second ??= createApolloPlanner(ports.supergraph)
        return (await second).plan(operation)
      }
    },
  }
}
