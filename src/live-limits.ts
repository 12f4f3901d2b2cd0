import { isDeepStrictEqual } from 'node:util'
import type { GatewayOptions } from './config/schema.js'
import type { GenerationParts } from './generation.js'
import type { OwnedParts } from './shared-parts.js'

type Limits = GatewayOptions['limits']

/** The part of a config that is live: the limits as a whole, and of usage its quotas. */
export type LiveOptions = Pick<GatewayOptions, 'limits' | 'usage'>

/** Limits and quotas as they are in force, which a reload may change while the process serves. */
export interface LiveLimits {
  readonly current: () => Limits
  /** Takes these into force, all of them or none: rejects where they do not fit the graph that serves. */
  readonly take: (options: LiveOptions) => Promise<void>
  /** Says what a reload is about to take into force; undefined: none is under way. */
  readonly offer: (options: LiveOptions | undefined) => void
  /**
   * Puts a new graph into service: with limits that are offered, where those in force do not fit it.
   *
   * Whoever takes a subgraph out of the graph has to take its budget out at the same moment.
   */
  readonly serveGraph: (serve: (limits: Limits) => Promise<void>) => Promise<void>
}

export interface LiveLimitsPorts {
  readonly shared: Pick<OwnedParts, 'useLimits' | 'usage'>
  /** Undefined until a graph serves. */
  readonly serving: () => Pick<GenerationParts, 'prepareLimits'> | undefined
}

/** Makes the keeper of limits; `take` and `serveGraph` must not be under way at once. */
export function createLiveLimits(
  { limits }: Pick<GatewayOptions, 'limits'>,
  { shared, serving }: LiveLimitsPorts,
): LiveLimits {
  let inForce = limits
  let offered: LiveOptions | undefined

  const prepareShared = async (next: LiveOptions): Promise<() => void> => {
    const takeQuotas = await shared.usage.prepare(next.usage)
    return () => {
      shared.useLimits(next.limits)
      takeQuotas()
      inForce = next.limits
    }
  }
  return {
    current: () => inForce,
    async take(next) {
      const takeShared = await prepareShared(next)
      const takeInGraph = serving()?.prepareLimits(next.limits)
      takeInGraph?.()
      takeShared()
    },
    offer: (next) => {
      offered = next
    },
    async serveGraph(serve) {
      const next = offered
      if (next === undefined || isDeepStrictEqual(next.limits, inForce)) return serve(inForce)
      try {
        await serve(inForce)
      } catch {
        const takeShared = await prepareShared(next)
        await serve(next.limits)
        takeShared()
      }
    },
  }
}
