/** The cause of a refusal where a credential could not be looked at: it may be good. */
export class Unchecked extends Error {
  override readonly name = 'Unchecked'
}
