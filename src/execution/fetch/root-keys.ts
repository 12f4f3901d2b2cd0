import type { FetchNode } from '../../kernel/query-plan.js'
import { readSelectionKeys } from '../layout/selection-keys.js'

/** The response keys of a fetch's root fields, as sent; read only when the fetch has failed. */
export function rootKeys(fetch: FetchNode): readonly string[] {
  return [...(readSelectionKeys(fetch)?.keys() ?? [])].filter((key) => key !== '__typename')
}
