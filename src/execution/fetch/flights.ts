import type { Planned } from '../../kernel/contexts.js'
import type { FetchOutcome } from '../../kernel/fetch-outcome.js'
import { PassingMap } from '../../kernel/passing-map.js'
import type { Principal } from '../../kernel/principal.js'
import { Flight } from './flight.js'

/**
 * The runs that are under way, so that equal queries of one caller are fetched once.
 *
 * Equal means the same operation with the same variables, from the same address, under the same credential and
 * with the same headers for subgraphs: requests of different callers never meet, whatever they ask. Nobody joins what
 * was under way before a mutation of the same caller was answered, so that he reads what he wrote.
 */
export class Flights {
  readonly #underway = new WeakMap<Principal, PassingMap<Flight>>()

  /** Joins the run of an equal request, or starts one with `run`. */
  share(context: Planned, run: (flight: Flight) => Promise<FetchOutcome>): Promise<FetchOutcome> {
    const { principal, deadline } = context
    const ofCaller = this.#underway.get(principal) ?? new PassingMap<Flight>()
    const key = keyOf(context)
    const known = ofCaller.get(key)
    if (known?.isJoinable === true) return known.wait(deadline)

    const flight = new Flight(deadline, () => {
      if (ofCaller.get(key) === flight) ofCaller.delete(key)
    })
    ofCaller.set(key, flight)
    this.#underway.set(principal, ofCaller)
    flight.start(run(flight))
    return flight.wait(deadline)
  }

  /** Lets nobody join what a caller has under way: it may have been read before he changed something. */
  closeAll(principal: Principal): void {
    this.#underway.delete(principal)
  }
}

function keyOf({ permitted, planVariables, client }: Planned): string {
  const key = `${permitted?.hash ?? ''} ${client.address} ${JSON.stringify(planVariables)}`
  return client.forwarded === undefined ? key : `${key} ${client.forwarded.key}`
}
