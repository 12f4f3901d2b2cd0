import type { Authorized, Charged } from '../kernel/contexts.js'
import type { Charge } from '../kernel/decisions.js'
import type { Denial } from '../kernel/denial.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { OperationRecord } from '../kernel/operation.js'
import type { PolicyCheck, PolicySchema } from '../kernel/policy-schema.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { RateCounter } from '../kernel/ports/rate-counter.js'
import { retryLater } from '../kernel/retry-later.js'
import type { Stage } from '../kernel/stage.js'
import type { Supergraph } from '../kernel/supergraph.js'
import { toCallerKey } from './caller-key.js'
import { createFieldLimitCheck, type CountedFields, type FieldLimitContext } from './field-limit-check.js'
import { createLimitedSelections } from './limited-selections.js'
import type { LimitsOptions } from './options.js'
import { findLimitDirective, findFieldLimits, type FieldLimit } from './rate-limit-directive.js'
import { listRootKeys } from './root-fields.js'

export interface FieldLimits {
  readonly stage: Stage<Authorized, Charged>
  /** Counts what is asked anew for one event of a subscription: its fields below the root. */
  readonly eventStage: Stage<Authorized, Charged>
  /** How often a caller may ask a field, where there is a limit. */
  readonly limitOf: (coordinate: string) => FieldLimit | undefined
  /** Takes other options into force; counts go on. */
  readonly use: (options: LimitsOptions['fields']) => void
}

export interface FieldLimitsPorts {
  readonly counter: RateCounter
  readonly policySchema: PolicySchema
  readonly supergraph: Supergraph
  readonly logger: Logger
}

const NOTHING: Charge = { countedFields: 0 }

/**
 * Makes the limitOperation stage: fields with `@rateLimit` are counted per caller and field.
 *
 * Only what the caller may see is counted. An operation without a limited field passes without waiting; of the
 * others the fields over their limit are taken out and the rest runs. Of a subscription the root field counts when it is
 * opened, and the others in each event.
 */
export function createFieldLimits(options: LimitsOptions, ports: FieldLimitsPorts): FieldLimits {
  const { supergraph, policySchema } = ports
  const directiveName = findLimitDirective(supergraph.schema)
  const limits = findFieldLimits(supergraph.schema, directiveName)
  let { enabled } = options.fields
  if (limits.size === 0) {
    const stage: FieldLimits['stage'] = {
      name: 'limitOperation',
      run: (context) => ({ ...context, charge: NOTHING }),
    }
    return { stage, eventStage: stage, limitOf: () => undefined, use: () => undefined }
  }
  const isLimited = createLimitedSelections(supergraph.schema, limits)
  const check = createFieldLimitCheck(policySchema, { directiveName, limits }, ports)
  const run = (context: Authorized, counts: CountedFields): Charged | Promise<Charged> => {
    const { permitted } = context
    if (!enabled || permitted === null || !isLimited(permitted)) return { ...context, charge: NOTHING }
    return charge(context, { permitted, counts }, check, policySchema)
  }
  const atOnce = ({ operation }: Authorized): CountedFields =>
    operation.type === 'subscription' ? 'root' : 'all'
  return {
    stage: { name: 'limitOperation', run: (context) => run(context, atOnce(context)) },
    eventStage: { name: 'limitOperation', run: (context) => run(context, 'belowRoot') },
    limitOf: (coordinate) => (enabled ? limits.get(coordinate) : undefined),
    use: (next) => {
      ;({ enabled } = next)
    },
  }
}

async function charge(
  context: Authorized,
  { permitted, counts }: { readonly permitted: OperationRecord; readonly counts: CountedFields },
  check: PolicyCheck,
  policySchema: PolicySchema,
): Promise<Charged> {
  const asked: FieldLimitContext = {
    principal: context.principal,
    requestId: context.requestId,
    callerKey: toCallerKey(context),
    counts,
    counted: new Set(),
  }
  const refused = await check.ask(permitted, context.variables, asked)
  const counted: Charge = { countedFields: asked.counted.size }
  if (refused.length === 0) return { ...context, charge: counted }

  const seconds = longestWait(refused)
  if (seconds > 0) context.responseHead.set('retry-after', String(seconds))
  const denials = [...context.denials, ...refused]
  if (isNothingLeft(context, denials)) throwIfLimited(context, refused, seconds)
  return { ...context, denials, permitted: policySchema.prune(permitted, refused), charge: counted }
}

/** True when every root field the client asked for is refused: the whole request then gets 429 (contract §6). */
function isNothingLeft({ operation, variables }: Authorized, denials: readonly Denial[]): boolean {
  const left = new Set(listRootKeys(operation, variables))
  for (const { path } of denials) {
    if (path.length === 1 && path[0] !== undefined) left.delete(path[0])
  }
  return left.size === 0
}

/** Refuses the whole request, with a time where one of its fields would be had then. */
function throwIfLimited({ responseHead }: Authorized, refused: readonly Denial[], seconds: number): void {
  const limited = refused.filter(({ code }) => code === 'FIELD_RATE_LIMITED')
  const waiting = limited.find(({ extensions }) => extensions !== undefined)
  if (waiting !== undefined) throw retryLater(responseHead, seconds, 'FIELD_RATE_LIMITED', waiting.message)
  if (limited[0] !== undefined) throw new GatewayError('FIELD_RATE_LIMITED', limited[0].message)
}

function longestWait(refused: readonly Denial[]): number {
  const waits = refused.map(({ extensions }) => extensions?.['retryAfterSeconds'])
  return Math.max(0, ...waits.filter((wait) => typeof wait === 'number'))
}
