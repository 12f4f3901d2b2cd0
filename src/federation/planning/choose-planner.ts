import type { Logger } from '../../kernel/ports/logger.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import type { FederationOptions } from '../options.js'
import { createApolloPlanner } from './apollo-planner.js'
import { createNativePlanner } from './native-planner.js'
import { PlanningInterrupted } from './planning-interrupted.js'
import type { Planner } from './planner.js'

export interface PlannerPorts {
  readonly supergraph: Supergraph
  readonly logger: Logger
}

/** Makes the planner that the options name; rejects when it cannot take this supergraph. */
export async function choosePlanner(options: FederationOptions, ports: PlannerPorts): Promise<Planner> {
  switch (options.planner) {
    case 'native':
      return createNativePlanner(ports.supergraph, options.planning)
    case 'apollo':
      return loadApolloPlanner(options, ports)
    case 'auto':
      return chooseByPlatform(options, ports)
  }
}

async function chooseByPlatform(options: FederationOptions, ports: PlannerPorts): Promise<Planner> {
  try {
    const native = await createNativePlanner(ports.supergraph, options.planning)
    return withFallback(native, createApolloPlanner(ports.supergraph, options.planning), ports.logger)
  } catch (error) {
    ports.logger.warn({ err: error }, "The native planner cannot be used; Apollo's planner takes its place.")
    return loadApolloPlanner(options, ports)
  }
}

async function loadApolloPlanner({ planning }: FederationOptions, ports: PlannerPorts): Promise<Planner> {
  const planner = createApolloPlanner(ports.supergraph, planning)
  await planner.load()
  return planner
}

/**
 * Asks the second planner where the first one gives up, which the native one does on valid operations too, such as
 * a `@requires` two levels below another subgraph's entity.
 *
 * Not where the first one ran out of time or of room: the second one is slower.
 */
function withFallback(first: Planner, second: Planner, logger: Logger): Planner {
  return {
    name: first.name,
    plan: async (operation, choice) => {
      try {
        return await first.plan(operation, choice)
      } catch (error) {
        if (error instanceof PlanningInterrupted) throw error
        logger.debug(
          { err: error, operation: operation.source },
          `The ${first.name} planner gave an operation up; the ${second.name} planner has a try.`,
        )
        return second.plan(operation, choice)
      }
    },
    close: async () => {
      await Promise.all([first.close(), second.close()])
    },
  }
}
