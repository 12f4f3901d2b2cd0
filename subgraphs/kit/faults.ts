import { GraphQLError } from 'graphql'

/** What a caller can do wrong; everything else is an internal fault and is masked. */
export type FaultCode = 'BAD_USER_INPUT' | 'NOT_FOUND' | 'FORBIDDEN' | 'UNAUTHENTICATED'

/** Makes a refusal whose message may be shown to the user. */
export function fault(code: FaultCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } })
}
