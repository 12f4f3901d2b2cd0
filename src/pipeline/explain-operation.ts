import type { Authorized, Received, Resolved } from '../kernel/contexts.js'
import type { Admission } from '../kernel/decisions.js'
import type { Explanation, FieldExplanation } from '../kernel/explanation.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Principal } from '../kernel/principal.js'
import type { Line } from './line.js'

/** Says what would become of an operation, and why; raises what would refuse the request as a whole. */
export type ExplainOperation = (received: Received) => Promise<Explanation>

/** The decision about each field, from whoever decides. */
export type ExplainFields = (
  context: Resolved,
) => Promise<Pick<Authorized, 'denials' | 'permitted'> & { readonly fields: readonly FieldExplanation[] }>

/** What limits say of fields and operations. */
export interface ExplainLimits {
  readonly limitOf: (coordinate: string) => FieldExplanation['rateLimit']
  readonly costOf: (context: Authorized) => Explanation['cost']
}

const NOT_COUNTED: Admission = { limit: Infinity, remaining: Infinity, resetSeconds: 0 }

/**
 * Takes an operation along the line up to its plan, without counting it, remembering it or calling a subgraph.
 *
 * The stages are those of the line itself, so that what is explained is what happens.
 */
export function createExplainOperation(
  line: Line,
  explainFields: ExplainFields,
  { limitOf, costOf }: ExplainLimits,
): ExplainOperation {
  return async (received) => {
    const identified = await line.identify.run(received)
    const resolved = await line.resolveDocument.run({ ...identified, admission: NOT_COUNTED })
    const { fields, denials, permitted } = await explainFields(resolved)
    const charged = { ...resolved, denials, permitted, charge: { countedFields: 0 } }
    const { plan } = await line.plan.run(charged)
    const { name, type, hash } = resolved.operation
    return {
      operation: { name, type, hash },
      caller: describeCaller(resolved.principal),
      fields: fields.map((field) => withLimit(field, limitOf(field.coordinate))),
      cost: costOf(charged),
      outcome: await outcomeOf(line, resolved, denials.length),
      queryPlan: plan,
    }
  }
}

function withLimit(field: FieldExplanation, rateLimit: FieldExplanation['rateLimit']): FieldExplanation {
  return rateLimit === undefined ? field : { ...field, rateLimit }
}

/** The authorize stage has the last word: by its mode it may refuse the whole for one field. */
async function outcomeOf(line: Line, resolved: Resolved, refused: number): Promise<Explanation['outcome']> {
  try {
    const { denials } = await line.authorize.run(resolved)
    return refused === 0 || denials.length === 0 ? 'runs' : 'runs-in-part'
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'FORBIDDEN') return 'refused'
    throw error
  }
}

function describeCaller({ kind, userId, tenant, plan, scopes, roles }: Principal): Explanation['caller'] {
  return { kind, user: userId, tenant, plan, scopes: [...scopes].sort(), roles }
}
