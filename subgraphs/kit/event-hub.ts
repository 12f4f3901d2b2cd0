/** How many events a slow listener may lag behind before its stream ends. */
const LARGEST_BACKLOG = 1_000

/** Hands events from whoever makes them to whoever listens in this process. */
export interface EventHub<Event> {
  readonly publish: (event: Event) => void
  /** A stream of the events that `wants` says yes to, from now on until it is returned. */
  readonly listen: (wants: (event: Event) => boolean) => AsyncIterableIterator<Event>
}

/**
 * Makes a hub. It knows this process only: with several replicas a listener hears what its own one did.
 */
export function createEventHub<Event>(): EventHub<Event> {
  const listeners = new Set<(event: Event) => void>()
  return {
    publish: (event) => {
      for (const listener of listeners) listener(event)
    },
    listen: (wants) => {
      const stream = createStream<Event>(() => listeners.delete(listener))
      const listener = (event: Event): void => {
        if (wants(event)) stream.push(event)
      }
      listeners.add(listener)
      return stream.iterator
    },
  }
}

/**
 * A queue read as an iterator.
 *
 * Not an async generator: `return()` of one waits for the event that may never come.
 */
function createStream<Event>(onEnd: () => void): {
  readonly push: (event: Event) => void
  readonly iterator: AsyncIterableIterator<Event>
} {
  const backlog: Event[] = []
  const waiting: ((result: IteratorResult<Event>) => void)[] = []
  let ended = false
  const end = (): void => {
    ended = true
    onEnd()
    for (const resolve of waiting.splice(0)) resolve({ done: true, value: undefined })
  }
  const iterator: AsyncIterableIterator<Event> = {
    next: () => {
      const event = backlog.shift()
      if (event !== undefined) return Promise.resolve({ done: false, value: event })
      if (ended) return Promise.resolve({ done: true, value: undefined })
      return new Promise((resolve) => waiting.push(resolve))
    },
    return: () => {
      backlog.length = 0
      end()
      return Promise.resolve({ done: true, value: undefined })
    },
    [Symbol.asyncIterator]: () => iterator,
  }
  const push = (event: Event): void => {
    if (ended) return
    const resolve = waiting.shift()
    if (resolve !== undefined) resolve({ done: false, value: event })
    else backlog.push(event)
    if (backlog.length > LARGEST_BACKLOG) end()
  }
  return { push, iterator }
}
