import type { Arrival, FrontEnd } from './contexts.js'
import type { JsonObject } from './json.js'

/** A request to a route that is not the GraphQL endpoint, freed of the HTTP library. */
export interface RouteRequest {
  readonly method: string
  /** Path without query string, as matched. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Lower-case names; several values joined by the HTTP rules. */
  readonly header: (name: string) => string | undefined
  /** The body as received and inflated, within the size limit; empty for GET. */
  readonly body: Buffer
  /**
   * Reads the body as a JSON object, by the rules of the GraphQL endpoint; an empty one is an empty object.
   *
   * Raises UNSUPPORTED_MEDIA_TYPE where it does not say that it is JSON in UTF-8, BAD_REQUEST where it is none or is
   * nested too deeply.
   */
  readonly json: () => JsonObject
  readonly arrival: Arrival
}

/** What a route answers; the listener adds the headers that every response has. */
export interface RouteResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** Facts for the access log beside those of every request. */
  readonly logged?: Readonly<Record<string, unknown>>
}

/** A route that a front end other than GraphQL, or a plugin, brings to the listener. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/web/products/:id` */
  readonly path: string
  /** Largest body, in bytes, where it is less than the listener admits. */
  readonly bodyBytes?: number
  /** The label of metrics, where it is not that of BFF endpoints. */
  readonly frontEnd?: FrontEnd
  readonly handle: (request: RouteRequest) => Promise<RouteResponse>
}
