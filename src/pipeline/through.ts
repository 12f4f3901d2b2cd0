import type { Arrival } from '../kernel/contexts.js'
import { isPromise, type Stage, type StageName } from '../kernel/stage.js'

/** Is told how long each stage took, whether it succeeded or refused; in milliseconds. */
export type StageObserver = (stage: StageName, milliseconds: number) => void

/** Takes a context through one stage. */
export type Through = <In extends Arrival, Out>(stage: Stage<In, Out>, context: In) => Out | Promise<Out>

/**
 * Makes the one place where a stage is run: the deadline is checked before it and its time is taken around it.
 *
 * A stage that answers without waiting costs no promise here. Without an observer no clock is read.
 */
export function createThrough(observe?: StageObserver): Through {
  return function through(stage, context) {
    context.deadline.assertOpen()
    return observe === undefined ? stage.run(context) : runObserved(stage, context, observe)
  }
}

function runObserved<In, Out>(
  stage: Stage<In, Out>,
  context: In,
  observe: StageObserver,
): Out | Promise<Out> {
  const startedAt = performance.now()
  const settled = () => observe(stage.name, performance.now() - startedAt)
  let result: Out | Promise<Out>
  try {
    result = stage.run(context)
  } catch (error) {
    settled()
    throw error
  }
  if (!isPromise(result)) {
    settled()
    return result
  }
  return result.finally(settled)
}
