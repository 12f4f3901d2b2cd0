import { PlanningInterrupted } from './planning-interrupted.js'

/**
 * Gives work a time limit, in milliseconds: the caller is released when it is over, whether the work ends or not.
 *
 * The work is told by its signal, and whatever becomes of it then is nobody's business any more.
 */
export async function withinTime<T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let lastTurn: NodeJS.Immediate | undefined
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // Where our event loop was late, an answer may be there already: timers come before messages in its turn.
      lastTurn = setImmediate(() => {
        reject(new PlanningInterrupted('timeout', `Planning took longer than ${limitMs} ms.`))
        controller.abort()
      })
    }, limitMs)
  })
  try {
    return await Promise.race([work(controller.signal), overdue])
  } finally {
    clearTimeout(timer)
    clearImmediate(lastTurn)
  }
}
