import type { BatchFetchNode, FetchNode } from '../../kernel/query-plan.js'
import type { VariableValues } from '../../kernel/operation.js'

/** Representations for one variable; each one JSON text. */
export interface RepresentationList {
  readonly variable: string
  readonly texts: readonly string[]
}

/** Writes the JSON body of a fetch. */
export type WriteBody = (variables: VariableValues, lists?: readonly RepresentationList[]) => string

/**
 * Compiles the body of a fetch: what never changes is written once, variables are appended as text.
 *
 * Only variables that the text uses are sent, and only those that have a value, so that a subgraph's own
 * defaults apply.
 */
export function compileRequestBody(fetch: FetchNode | BatchFetchNode): WriteBody {
  const name =
    fetch.operationName === undefined ? '' : `,"operationName":${JSON.stringify(fetch.operationName)}`
  const head = `{"query":${JSON.stringify(fetch.operation)}${name}`
  return (variables, lists = []) => {
    const entries = fetch.variables.flatMap((variable) => {
      const value = Object.hasOwn(variables, variable) ? variables[variable] : undefined
      return value === undefined ? [] : [`${JSON.stringify(variable)}:${JSON.stringify(value)}`]
    })
    for (const list of lists) entries.push(`${JSON.stringify(list.variable)}:[${list.texts.join(',')}]`)
    return entries.length === 0 ? `${head}}` : `${head},"variables":{${entries.join(',')}}}`
  }
}
