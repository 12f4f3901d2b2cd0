import type { Denial } from '../kernel/denial.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { FieldRequirements } from './field-requirements.js'

/** The refusal of a whole operation, with every path that caused it and the scopes that would help. */
export function refuseOperation(denials: readonly Denial[], requirements: FieldRequirements): GatewayError {
  return new GatewayError('FORBIDDEN', 'The caller may not run this operation.', {
    extensions: { paths: denials.map((denial) => denial.path) },
    headers: { 'www-authenticate': challenge(denials, requirements) },
  })
}

/** RFC 6750 §3: `scope` names what is needed; of several alternatives the first. */
function challenge(denials: readonly Denial[], requirements: FieldRequirements): string {
  const scopes = denials.flatMap((denial) => {
    const requirement = requirements.ofField.get(denial.coordinate)
    return (requirement?.scopes ?? []).flatMap((anyOf) => anyOf[0] ?? [])
  })
  const named = [...new Set(scopes)].filter((scope) => SCOPE_TOKEN.test(scope))
  const base = 'Bearer error="insufficient_scope"'
  return named.length === 0 ? base : `${base}, scope="${named.join(' ')}"`
}

/** RFC 6749 §3.3: nothing else may stand in a header's quotes. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/
