import type { Supergraph } from '../../kernel/supergraph.js'
import type { PlanningOptions } from '../options.js'
import type { ApolloAnswer, ApolloQuestion, ApolloThreadData } from './apollo-thread.js'
import { activeLabels, overrideLabels } from './override-labels.js'
import { PlannerThread, threadEntry } from './planner-thread.js'
import { PlanningQueue } from './planning-queue.js'
import type { Planner } from './planner.js'
import { withinTime } from './within-time.js'

/** A supergraph of a megabyte takes three seconds of an idle machine. */
const START_MS = 60_000

/**
 * Plans with Apollo's planner, in a thread of its own.
 *
 * The thread starts with the first operation; {@link Planner.close} ends it.
 */
export function createApolloPlanner(
  { sdl, schema }: Supergraph,
  { timeoutMs, maxWaiting, threadMemoryMb }: PlanningOptions,
): Planner & { readonly load: () => Promise<void> } {
  const thread = new PlannerThread({
    entry: threadEntry('apollo-thread.js'),
    data: { sdl } satisfies ApolloThreadData,
    memoryMb: threadMemoryMb,
    startMs: START_MS,
  })
  const labels = overrideLabels(schema)
  const queue = new PlanningQueue({ running: 1, waiting: maxWaiting })

  const ask = async (question: ApolloQuestion): Promise<ApolloAnswer> => {
    // The time limit is for planning, not for loading the supergraph.
    await thread.ready()
    return withinTime(timeoutMs, async (signal) => (await thread.ask(question, signal)) as ApolloAnswer)
  }

  return {
    name: 'apollo',
    load: () => thread.ready(),
    plan: async ({ source }, choice) => {
      const leave = await queue.enter()
      const answer = await ask({ source, activeLabels: activeLabels(labels, choice) }).finally(leave)
      if ('failure' in answer) throw new Error(answer.failure)
      return { node: answer.plan.node, planner: 'apollo' }
    },
    close: () => thread.close(),
  }
}
