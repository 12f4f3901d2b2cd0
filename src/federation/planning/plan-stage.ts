import type { Charged, Planned } from '../../kernel/contexts.js'
import type { Deadline } from '../../kernel/deadline.js'
import { isPromise, type Stage } from '../../kernel/stage.js'
import { EMPTY_PLAN, type Plans } from './plans.js'
import type { Rollout } from './rollout.js'

/** Makes the stage `plan`: it waits for the first plan of an operation and for no other. */
export function createPlanStage(plans: Plans, rollout: Rollout): Stage<Charged, Planned> {
  return {
    name: 'plan',
    run: (context) => {
      const { permitted, variables } = context
      if (permitted === null) return { ...context, plan: EMPTY_PLAN.plan, planVariables: variables }
      const found = plans.find(permitted, rollout.choose(context))
      const planVariables = found.variables.valuesFor(variables)
      const { made } = found
      return isPromise(made)
        ? beforeEnd(made, context.deadline).then(({ plan }) => ({ ...context, plan, planVariables }))
        : { ...context, plan: made.plan, planVariables }
    },
  }
}

/** Waits for a plan no longer than the request lasts; the plan is made to its end, for the next request. */
function beforeEnd<T>(making: Promise<T>, deadline: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      try {
        deadline.assertOpen()
      } catch (refusal) {
        if (refusal instanceof Error) reject(refusal)
      }
    }
    // One more, because timers count in whole milliseconds.
    const timer = setTimeout(giveUp, deadline.remainingMs() + 1)
    const stopListening = deadline.onEnd(giveUp)
    const settle = (): void => {
      clearTimeout(timer)
      stopListening()
    }
    making.finally(settle).then(resolve, reject)
  })
}
