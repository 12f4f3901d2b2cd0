/**
 * A policy that cannot be enforced as it was written.
 *
 * Raised only while a generation is built, never for a request: the gateway then refuses the supergraph or the
 * rules and keeps serving the generation it has (design promise 5).
 */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
}
