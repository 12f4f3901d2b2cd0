import type { ErrorCode } from './error-catalogue.js'
import type { JsonObject } from './json.js'
import type { QueryPlan } from './query-plan.js'

/** An operation that an operator wants explained, for the caller that a credential names. */
export interface AskedExplanation {
  readonly query: string
  readonly operationName: string | undefined
  readonly variables: JsonObject | undefined
  /** Absent, as the API key is, for a caller without a credential. */
  readonly token: string | undefined
  readonly apiKey: string | undefined
  /** What the client says of itself. */
  readonly clientName: string | undefined
  readonly clientVersion: string | undefined
}

/** What was decided about one field of an operation for one caller, and why. */
export interface FieldExplanation {
  /** Response keys from the root, joined by dots; without list positions. */
  readonly path: string
  /** `Type.field`; one entry for each object type that the place can hold. */
  readonly coordinate: string
  /** What a caller must bring, each in words; empty where the field is free. */
  readonly needs: readonly string[]
  /** `left-out`: below a refused field. `after-fetch`: a rule decides over the objects that come. */
  readonly decision: 'allowed' | 'refused' | 'left-out' | 'after-fetch'
  /** Of the needs, those that decided against the caller, as far as they can be told apart. */
  readonly missing: readonly string[]
  readonly code?: ErrorCode
  /** How often one caller may ask the field. */
  readonly rateLimit?: {
    readonly limit: number
    readonly seconds: number
    /** Arguments, as paths, whose values are counted apart. */
    readonly keyArguments?: readonly (readonly string[])[]
    /** The argument by which a call counts more than once. */
    readonly weightBy?: readonly string[]
  }
}

/** Why an operation is answered to a caller as it is, without running it. */
export interface Explanation {
  readonly operation: { readonly name: string | undefined; readonly type: string; readonly hash: string }
  readonly caller: {
    readonly kind: string
    readonly user: string | undefined
    readonly tenant: string
    readonly plan: string
    readonly scopes: readonly string[]
    readonly roles: readonly string[]
  }
  readonly fields: readonly FieldExplanation[]
  /** In units of cost; absent where cost is not looked at. An estimate over the maximum is refused under `enforce`. */
  readonly cost?:
    { readonly estimated: number; readonly maximum: number; readonly mode: 'measure' | 'enforce' } | undefined
  /** What the configured mode makes of refused fields. */
  readonly outcome: 'runs' | 'runs-in-part' | 'refused'
  readonly queryPlan: QueryPlan
}
