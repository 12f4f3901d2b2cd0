/**
 * The declaration of a BFF endpoint: all that a file under `bff/` needs to import.
 *
 * An endpoint is one `.graphql` file with one operation and, beside it under the same name, one module that
 * says where it is served and how its data is presented. It has no other way to data.
 */

/** What a presenter gets besides the data. */
export interface PresentContext {
  /** The operation's variables after coercion. */
  readonly variables: Readonly<Record<string, unknown>>
  /** False when some part of the data is missing because of an error. */
  readonly complete: boolean
}

export interface EndpointOptions<Data> {
  /** `import.meta.url` of the declaring module; the operation is read from the `.graphql` file beside it. */
  readonly module: string
  readonly method?: 'GET' | 'POST'
  /** `/web/products/:id`; path parameters and query parameters become variables of the same name. */
  readonly path: string
  /** One sentence for the reference of the API. */
  readonly summary: string
  /** True where an anonymous caller is refused with 401 before anything is asked. */
  readonly signedIn?: boolean
  /**
   * Response keys of the operation without which the endpoint has no answer. Missing because of an error: the
   * error's status. Missing without one: 404.
   */
  readonly required?: readonly (keyof Data & string)[]
  /** Makes the response body. Parts that are not required may be null. */
  readonly present: (data: Data, context: PresentContext) => unknown
}

/** An endpoint as the engine keeps it; the type of its data is known to its own presenter only. */
export interface Endpoint {
  readonly kind: 'gatehouse.endpoint'
  readonly module: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly summary: string
  readonly signedIn: boolean
  readonly required: readonly string[]
  readonly present: (data: unknown, context: PresentContext) => unknown
}

/** Declares an endpoint. `Data` is the type of the operation's data. */
export function defineEndpoint<Data>(options: EndpointOptions<Data>): Endpoint {
  return {
    kind: 'gatehouse.endpoint',
    module: options.module,
    method: options.method ?? 'GET',
    path: options.path,
    summary: options.summary,
    signedIn: options.signedIn ?? false,
    required: options.required ?? [],
    // The engine hands over the data of the operation beside the module; that it is a `Data` is what the
    // declaration promises, and what the stored operation's validation against the graph upholds.
    present: (data, context) => options.present(data as Data, context),
  }
}

export function isEndpoint(value: unknown): value is Endpoint {
  return (
    typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'gatehouse.endpoint'
  )
}
