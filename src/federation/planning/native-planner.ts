import type { Supergraph } from '../../kernel/supergraph.js'
import { fromNativePlan, type PlanNames } from './native-plan.js'
import type { Planner } from './planner.js'

/** No client is in a percentage rollout of `@override(label: "percent(…)")`: all plans are the old ones. */
const NO_ROLLOUT = 100

const NO_LABELS = new Set<string>()

/**
 * Plans with the native addon, off the event loop; fails to load where there is no build for the platform.
 *
 * It enforces nothing and reads every spelling of the security features, so it gets the full SDL.
 */
export async function createNativePlanner(supergraph: Supergraph): Promise<Planner> {
  const { QueryPlanner } = await import('@graphql-hive/router-query-planner')
  const planner = new QueryPlanner(supergraph.sdl)
  const names = planNames(supergraph)
  return {
    name: 'native',
    plan: async ({ source }) => {
      const plan = await planner.planAsync(source, undefined, NO_LABELS, NO_ROLLOUT)
      return fromNativePlan(plan, names)
    },
  }
}

function planNames({ schema }: Supergraph): PlanNames {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return { rootTypes: new Set(roots.flatMap((type) => (type ? [type.name] : []))) }
}
