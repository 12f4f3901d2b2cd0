import { setInterval as everyInterval } from 'node:timers/promises'
import type { Clients, Heard, Question } from './ask-from.js'

/** How one request of the stream ended. */
export interface Outcome {
  readonly id: string
  /** 0 when the connection broke. */
  readonly status: number
  /** Of the answer's errors. */
  readonly codes: readonly string[]
  readonly query: string
}

/**
 * Requests at a steady pace: as many users, none of whom waits for another.
 *
 * Only when {@link MOST_IN_FLIGHT} wait is a beat left out: a machine that is busy otherwise is not to be measured.
 */
export interface SteadyStream {
  readonly sent: () => number
  /** Ends the stream and gives how every single request ended. */
  readonly stop: () => Promise<readonly Outcome[]>
}

const EVERY_MS = 20
const MOST_IN_FLIGHT = 10
/** The stream ends by itself rather than run on behind a test that hangs. */
const LONGEST_MS = 45_000

export function startStream(
  clients: Clients,
  url: string,
  nextQuestion: (number: number) => Question,
): SteadyStream {
  const outcomes: Promise<Outcome>[] = []
  const ending = new AbortController()
  let inFlight = 0
  const sending = (async () => {
    for await (const since of everyInterval(EVERY_MS, performance.now())) {
      if (ending.signal.aborted || performance.now() - since > LONGEST_MS) return
      if (inFlight >= MOST_IN_FLIGHT) continue
      inFlight += 1
      const number = outcomes.length
      const id = `stream-${String(number).padStart(6, '0')}`
      const question = nextQuestion(number)
      // Twenty addresses: nobody comes near the limit of an address.
      const address = `127.0.1.${String(1 + (number % 20))}`
      const headers = { 'x-request-id': id, ...question.headers }
      const outcome = clients.ask(address, url, { ...question, headers }).then(
        (heard) => ({ id, status: heard.status, codes: codesOf(heard), query: question.query }),
        () => ({ id, status: 0, codes: [], query: question.query }),
      )
      outcomes.push(outcome.finally(() => (inFlight -= 1)))
    }
  })()
  return {
    sent: () => outcomes.length,
    async stop() {
      ending.abort()
      await sending
      return Promise.all(outcomes)
    },
  }
}

function codesOf({ body }: Heard): readonly string[] {
  return (body.errors ?? []).map(({ extensions }) => extensions.code)
}
