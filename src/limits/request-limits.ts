import type { Admitted, Authorized, Charged, Identified } from '../kernel/contexts.js'
import type { LimitStore, Verdict } from '../kernel/ports/limit-store.js'
import { andThen, andThenWith, type Stage } from '../kernel/stage.js'
import { announce, toRefusal, UNLIMITED } from './announce.js'
import { appliedTo, type AppliedLimits, type AppliedTable } from './applied-limits.js'
import { toClaims, toPartition } from './claims.js'
import type { NamesTrusted } from './match-class.js'
import type { RequestLimitOptions } from './options.js'
import { createRequestRules, type RequestRules } from './request-rules.js'

export interface RequestLimits {
  readonly stage: Stage<Identified, Admitted>
  /** Puts the limits of classes for a kind of operation, where only the text tells it, before a stage. */
  readonly beforeOperation: (stage: Stage<Authorized, Charged>) => Stage<Authorized, Charged>
  /** Takes other limits into force; counts go on where the algorithm is the same, and of a sliding window its length. */
  readonly use: (options: RequestLimitOptions) => void
}

export interface RequestLimitPorts {
  readonly limitStore: LimitStore
  /** Absent: there are no trusted documents. */
  readonly namesTrusted?: NamesTrusted
}

/**
 * Makes the limitRequest stage: how often a caller may come, before anything is parsed.
 *
 * All limits of a request are taken together or not at all. Without waiting where counts are kept in this process.
 */
export function createRequestLimits(
  options: RequestLimitOptions,
  { limitStore, namesTrusted = NEVER }: RequestLimitPorts,
): RequestLimits {
  const toRules = (given: RequestLimitOptions): RequestRules | undefined =>
    given.enabled ? createRequestRules(given, namesTrusted) : undefined
  let rules = toRules(options)

  const admit = (context: Identified): Admitted | Promise<Admitted> => {
    if (rules === undefined) return { ...context, admission: UNLIMITED }
    return take(context, rules.before(context), limitStore)
  }
  const beforeOperation = (stage: Stage<Authorized, Charged>): Stage<Authorized, Charged> => ({
    name: stage.name,
    run: (context) => {
      if (rules?.looksAfter !== true) return stage.run(context)
      const table = rules.after(context, context.operation)
      if (table === undefined) return stage.run(context)
      return andThen(take(context, table, limitStore), stage.run)
    },
  })
  return {
    stage: { name: 'limitRequest', run: admit },
    beforeOperation,
    use: (next) => {
      rules = toRules(next)
    },
  }
}

const NEVER: NamesTrusted = () => false

/** Takes a point of every limit that applies to the caller, beside what was taken before. */
function take<Context extends Identified & Partial<Admitted>>(
  context: Context,
  table: AppliedTable,
  limitStore: LimitStore,
): (Context & Admitted) | Promise<Context & Admitted> {
  const applied = appliedTo(table, context.principal)
  if (applied === undefined || applied.limits.length === 0) {
    return { ...context, admission: context.admission ?? UNLIMITED }
  }
  const verdict = limitStore.take(toPartition(context), toClaims(applied, context))
  return andThenWith(verdict, settle<Context>, context, applied)
}

function settle<Context extends Identified & Partial<Admitted>>(
  verdict: Verdict,
  context: Context,
  applied: AppliedLimits,
): Context & Admitted {
  const admission = announce(context.responseHead, applied, verdict, context.admission)
  if (!verdict.isAdmitted) throw toRefusal(context.responseHead, verdict)
  return { ...context, admission }
}
