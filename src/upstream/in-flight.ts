import type { Principal } from '../kernel/principal.js'
import type { SubgraphCall } from '../kernel/upstream-call.js'
import { SharedCall, toMark } from './shared-call.js'

/**
 * The queries to all subgraphs that are under way and may be joined, by who asks.
 *
 * A principal is one object for all requests under one token, and for all anonymous requests of one address. Callers
 * that are told apart nowhere else (a public partition) would need cache hints of the schema, which a call does not
 * bring along.
 */
export class InFlight {
  readonly #ofPrincipal = new WeakMap<Principal, SharedCall[]>()

  /** Finds a call that brings the same answer. */
  find(call: SubgraphCall): SharedCall | undefined {
    const calls = this.#ofPrincipal.get(call.caller.principal)
    if (calls === undefined || calls.length === 0) return undefined
    const mark = toMark(call.body)
    for (const shared of calls) if (shared.answers(call, mark)) return shared
    return undefined
  }

  /** Opens a call that others may join until it is over. */
  open(call: SubgraphCall): SharedCall {
    const { principal } = call.caller
    let calls = this.#ofPrincipal.get(principal)
    if (calls === undefined) {
      calls = []
      this.#ofPrincipal.set(principal, calls)
    }
    const shared = new SharedCall(call, () => this.#close(principal, shared))
    calls.push(shared)
    return shared
  }

  /** Lets nobody join what a principal has under way: it may have been read before he changed something. */
  closeAll(principal: Principal): void {
    this.#ofPrincipal.delete(principal)
  }

  #close(principal: Principal, shared: SharedCall): void {
    const calls = this.#ofPrincipal.get(principal)
    const place = calls?.indexOf(shared) ?? -1
    if (calls === undefined || place < 0) return
    const last = calls.pop()
    if (last !== undefined && last !== shared) calls[place] = last
  }
}
