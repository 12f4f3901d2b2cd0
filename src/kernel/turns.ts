/** Makes a queue: each piece of work begins when the one before it has ended, however it ended. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = tail.then(work)
    tail = next.catch(() => undefined)
    return next
  }
}
