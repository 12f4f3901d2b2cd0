import type { Supergraph } from '../../kernel/supergraph.js'
import type { PlanningOptions } from '../options.js'
import { fromNativePlan, type PlanNames } from './native-plan.js'
import { PlanningQueue } from './planning-queue.js'
import type { Planner } from './planner.js'
import { withinTime } from './within-time.js'

/** Of the four threads that Node has by default for this, for files, for names of hosts and for compression. */
const THREADS = 2

/**
 * Plans with the native addon, off the event loop; fails to load where there is no build for the platform.
 *
 * It enforces nothing and reads every spelling of the security features, so it gets the full SDL.
 */
export async function createNativePlanner(
  supergraph: Supergraph,
  { timeoutMs, maxWaiting }: PlanningOptions,
): Promise<Planner> {
  const { QueryPlanner } = await import('@graphql-hive/router-query-planner')
  const planner = new QueryPlanner(supergraph.sdl)
  const names = planNames(supergraph)
  const queue = new PlanningQueue({ running: THREADS, waiting: maxWaiting })
  return {
    name: 'native',
    plan: async ({ source }, { names: labels, percentage }) => {
      const leave = await queue.enter()
      const plan = await withinTime(timeoutMs, (signal) => {
        const planning = planner.planAsync(source, undefined, new Set(labels), percentage, signal)
        // The thread is free when the planner says so, which may be some time after the signal.
        planning.then(leave, leave)
        return planning
      })
      return { node: fromNativePlan(plan, names).node, planner: 'native' }
    },
    close: () => Promise.resolve(),
  }
}

function planNames({ schema }: Supergraph): PlanNames {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return { rootTypes: new Set(roots.flatMap((type) => (type ? [type.name] : []))) }
}
