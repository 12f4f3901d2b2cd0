import type { Denial } from '../kernel/denial.js'
import { ERROR_CATALOGUE, type ErrorCode } from '../kernel/error-catalogue.js'
import { DirectiveRefusal } from './directive-rules.js'
import { RuleVerdict } from './rule-gate.js'

export type Verdict = Pick<Denial, 'code' | 'message'>

export const UNAUTHORIZED: Verdict = {
  code: 'UNAUTHORIZED_FIELD_OR_TYPE',
  message: 'Unauthorized field or type',
}
export const FAULT: Verdict = {
  code: 'AUTHORIZATION_FAULT',
  message: 'A rule for this field failed to decide.',
}

/** Turns what the policy schema's resolvers threw into what the client reads. */
export function toVerdict(error: unknown): Verdict {
  if (error instanceof DirectiveRefusal) return UNAUTHORIZED
  if (error instanceof RuleVerdict) return authored(error.authored)
  // Anything else is no decision, and its text is for the log only.
  return FAULT
}

/** A text or error that a rule returns is meant for clients; so is its code, if the catalogue has it. */
function authored(error: Error | undefined): Verdict {
  if (error === undefined) return UNAUTHORIZED
  const extensions = (error as { readonly extensions?: { readonly code?: unknown } }).extensions
  const code = extensions?.code
  return { code: isErrorCode(code) ? code : UNAUTHORIZED.code, message: error.message }
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code)
}
