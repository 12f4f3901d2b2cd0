/** Values of fixtures that are more than themselves: looked up, computed, noted, or errors. */
import { GraphQLError } from 'graphql'
import type { Row } from '../../support/local-subgraph.js'

/** What the values of one subgraph can reach. */
export interface FixtureScope {
  /** The rows of a type; throws where the data has none. */
  readonly rowsOf: (type: string) => readonly Row[]
  /** What the mutations of all subgraphs wrote down. */
  readonly notes: string[]
}

/** The field that is being resolved. */
export interface FieldSite {
  readonly source: Row
  readonly args: Row
}

/**
 * Evaluates a value of the data.
 *
 * - `{ $error: text, code }` is an error of the subgraph
 * - `{ $all: Type }` all rows of a type
 * - `{ $find: Type, field: value }` the first row that has these values, or those of the arguments if none is named
 * - `{ $text: '{price} for {$currency}' }` a text about the object and the arguments
 * - `{ $note: text, $return: value }` writes a text down, then gives the value; `{ $notes: all }` gives all texts
 */
export function evaluate(value: unknown, site: FieldSite, scope: FixtureScope): unknown {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, site, scope))
  if (typeof value !== 'object' || value === null) return value
  const row = value as Row
  if ('$error' in row) return toError(row)
  if ('$all' in row) return scope.rowsOf(String(row['$all']))
  if ('$find' in row) return find(row, site, scope)
  if ('$text' in row) return write(String(row['$text']), site)
  if ('$notes' in row) return [...scope.notes]
  if ('$note' in row) {
    scope.notes.push(String(write(String(row['$note']), site)))
    return evaluate(row['$return'], site, scope)
  }
  return row
}

/** Returned, not thrown: as an item of a list it is an error of that item only. */
function toError({ $error, code }: Row): GraphQLError {
  return new GraphQLError(String($error), code === undefined ? {} : { extensions: { code } })
}

function find({ $find, ...wanted }: Row, { args }: FieldSite, { rowsOf }: FixtureScope): Row | null {
  const criteria = Object.entries(Object.keys(wanted).length > 0 ? wanted : args)
  return rowsOf(String($find)).find((row) => criteria.every(([name, value]) => row[name] === value)) ?? null
}

/**
 * Writes a text about an object: `{price}`, `{size.width}`, `{$currency}`.
 *
 * A text of one placeholder is that value itself. What the object does not have is a fault of plan or fixture.
 */
export function write(text: string, { source, args }: FieldSite): unknown {
  const whole = /^\{([^{}]+)\}$/.exec(text)?.[1]
  if (whole !== undefined) return read(whole, source, args)
  return text.replace(/\{([^{}]+)\}/g, (_match, path: string) => {
    const value = read(path, source, args)
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}

function read(path: string, source: Row, args: Row): unknown {
  const [from, steps] = path.startsWith('$') ? [args, path.slice(1)] : [source, path]
  const value = steps.split('.').reduce(step, from)
  if (value === undefined) throw new Error(`There is no {${path}} here, only ${JSON.stringify(from)}.`)
  return value
}

function step(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((item) => step(item, key))
  return typeof value === 'object' && value !== null ? (value as Row)[key] : value
}
