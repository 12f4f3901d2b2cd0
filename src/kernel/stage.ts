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

/** Goes on with a value: at once where it is there, so that nothing waits a turn; when it comes where it is a promise. */
export function andThen<T, Out>(
  value: T | Promise<T>,
  next: (value: T) => Out | Promise<Out>,
): Out | Promise<Out> {
  return isPromise(value) ? value.then(next) : next(value)
}

/**
 * The same for a `next` that needs more than the value, and is given it here.
 *
 * A function that closes over it would be made for each request, also for those that never wait.
 */
export function andThenWith<T, Given, Out>(
  value: T | Promise<T>,
  next: (value: T, given: Given) => Out | Promise<Out>,
  given: Given,
): Out | Promise<Out>
export function andThenWith<T, Given, Also, Out>(
  value: T | Promise<T>,
  next: (value: T, given: Given, also: Also) => Out | Promise<Out>,
  given: Given,
  also: Also,
): Out | Promise<Out>
export function andThenWith<T, Given, Also, Out>(
  value: T | Promise<T>,
  next: (value: T, given: Given, also?: Also) => Out | Promise<Out>,
  given: Given,
  also?: Also,
): Out | Promise<Out> {
  return isPromise(value) ? whenThere(value, next, given, also) : next(value, given, also)
}

/** Apart from {@link andThenWith}: where a function makes another, what that one closes over is on the heap at once. */
function whenThere<T, Given, Also, Out>(
  promise: Promise<T>,
  next: (value: T, given: Given, also?: Also) => Out | Promise<Out>,
  given: Given,
  also: Also | undefined,
): Promise<Out> {
  return promise.then((value) => next(value, given, also))
}

/** The stage with something done to what it returns, under its name. */
export function followedBy<In, Between, Out>(
  stage: Stage<In, Between>,
  next: (context: Between) => Out | Promise<Out>,
): Stage<In, Out> {
  return { name: stage.name, run: (context) => andThen(stage.run(context), next) }
}
