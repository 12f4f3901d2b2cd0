import { bearerChallenge } from '../kernel/bearer-challenge.js'
import type { Denial } from '../kernel/denial.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Principal } from '../kernel/principal.js'
import type { AnswerPath } from './after-fetch/answer-step.js'
import type { FieldRequirements } from './field-requirements.js'
import { meets } from './requirement.js'

/** Paths that one refusal names: enough to see what is wrong. */
const MOST_PATHS = 100

/** The refusal of a whole operation, with every path that caused it and the scopes that would help. */
export function refuseOperation(
  denials: readonly Denial[],
  requirements: FieldRequirements,
  principal: Principal,
): GatewayError {
  const paths = denials.map((denial) => denial.path)
  return forbid(paths, missingScopes(denials, requirements, principal), principal)
}

/** The same after the fetch, where rules refuse by what came and no scope would help. */
export function refuseAnswer(paths: readonly AnswerPath[], principal: Principal): GatewayError {
  return forbid(paths, [], principal)
}

function forbid(paths: readonly AnswerPath[], scopes: readonly string[], principal: Principal): GatewayError {
  return new GatewayError('FORBIDDEN', 'The caller may not run this operation.', {
    extensions: { paths: paths.slice(0, MOST_PATHS) },
    headers: { 'www-authenticate': challenge(scopes, principal) },
  })
}

/** Of several alternatives the first; nothing where a rule or a policy refused and no scope would help. */
function missingScopes(
  denials: readonly Denial[],
  { ofField, ofType }: FieldRequirements,
  { scopes }: Principal,
): readonly string[] {
  const needed = denials.flatMap(({ coordinate, parentTypes }) => {
    const field = coordinate.slice(coordinate.indexOf('.'))
    return [...parentTypes].map((typeName) => ofField.get(`${typeName}${field}`) ?? ofType.get(typeName))
  })
  return needed.flatMap((requirement) =>
    (requirement?.scopes ?? []).flatMap((anyOf) =>
      meets(anyOf, (scope) => scopes.has(scope)) ? [] : (anyOf[0] ?? []),
    ),
  )
}

/** RFC 6750 §3.1: an error is named only where scopes are missing from a credential that was sent. */
function challenge(scopes: readonly string[], { kind }: Principal): string {
  const isError = kind !== 'anonymous' && scopes.length > 0
  return bearerChallenge(isError ? { error: 'insufficient_scope', scopes } : { scopes })
}
