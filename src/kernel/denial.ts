import type { ErrorCode } from './error-catalogue.js'
import type { JsonObject } from './json.js'

/**
 * A field of one operation that this caller does not get.
 *
 * Named by where it stands in the response rather than by its AST node, because one fragment may be spread
 * under two parents and be refused under only one of them.
 */
export interface Denial {
  /** Response keys from the root to the field, without list indices. */
  readonly path: readonly string[]
  /** The object types under which the field is refused at this path; the others keep it. */
  readonly parentTypes: ReadonlySet<string>
  /** The field refused, for logs and `explain`: `Type.field`. */
  readonly coordinate: string
  readonly code: ErrorCode
  readonly message: string
  readonly extensions?: JsonObject
}
