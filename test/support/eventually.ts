import { setTimeout as pause } from 'node:timers/promises'

/**
 * Asks until the answer is yes, and fails with what was last seen when it is not within the bound.
 *
 * For the state of other processes, which can only be asked. Where an event or a clock is at hand, use that.
 */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  isYes: (seen: T) => boolean,
  withinMs = 30_000,
): Promise<T> {
  const until = performance.now() + withinMs
  let seen: unknown
  while (performance.now() < until) {
    try {
      const answer = await ask()
      if (isYes(answer)) return answer
      seen = answer
    } catch (error) {
      seen = error
    }
    await pause(25)
  }
  throw new Error(
    `Not within ${String(withinMs)} ms. Last seen: ${seen instanceof Error ? String(seen) : JSON.stringify(seen)}`,
  )
}
