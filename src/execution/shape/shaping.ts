import type { RawObject } from '../../kernel/fetch-outcome.js'
import type { ErrorLedger } from '../error-ledger.js'
import { ownValue } from '../own-property.js'
import { pathOf, type Trail } from './trail.js'

/** What the shaping of one answer carries along: its errors, and what was answered without subgraphs. */
export class Shaping {
  readonly #ledger: ErrorLedger
  readonly #introspection: RawObject

  constructor(ledger: ErrorLedger, introspection: RawObject) {
    this.#ledger = ledger
    this.#introspection = introspection
  }

  /** The local answer of an introspection field. */
  introspected(key: string): unknown {
    return ownValue(this.#introspection, key) ?? null
  }

  /** A null in a non-null position; says nothing where the fault behind it has been reported. */
  reportNull(trail: Trail, key: string | number, coordinate: string): void {
    if (this.#ledger.explains(pathOf(trail, key))) return
    this.#report(`Cannot return null for non-nullable field ${coordinate}.`, trail, key)
  }

  /** A value of another kind than the schema says; the value itself is not shown. */
  reportMisfit(trail: Trail, key: string | number, expected: string): void {
    this.#report(`The value received is not ${expected}.`, trail, key)
  }

  #report(message: string, trail: Trail, key: string | number): void {
    const extensions = { code: 'SUBREQUEST_MALFORMED_RESPONSE' }
    this.#ledger.add({ message, path: pathOf(trail, key), extensions })
  }
}
