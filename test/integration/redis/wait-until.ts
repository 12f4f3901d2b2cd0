import { eventually } from '../../support/eventually.js'

/** Ends when `condition` holds. */
export async function waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  await eventually(condition, Boolean)
}

/**
 * What a promise is raced against that must end within a time limit: a second after the limit, since a busy machine may
 * delay what is in time, but not for so long.
 */
export async function lateFor(limitMs: number): Promise<'late'> {
  await new Promise((resolve) => setTimeout(resolve, limitMs + 1_000))
  return 'late'
}
