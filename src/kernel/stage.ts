/** The stages in the order of the line; names of spans, metrics and log fields. */
export const STAGE_NAMES = [
  'identify',
  'limitRequest',
  'resolveDocument',
  'authorize',
  'limitOperation',
  'remember',
  'plan',
  'fetch',
  'shape',
] as const

export type StageName = (typeof STAGE_NAMES)[number]

/**
 * One step of the line: receives the context as the stage before left it and returns a richer one.
 *
 * `run` is a property, not a method: only then does the compiler check its parameter strictly, and a swapped
 * stage is an error. A stage that can answer without waiting returns a value, not a promise.
 */
export interface Stage<In, Out> {
  readonly name: StageName
  readonly run: (context: In) => Out | Promise<Out>
}

/** Says whether a stage must be waited for. */
export function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}
