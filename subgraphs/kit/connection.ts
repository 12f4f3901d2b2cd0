/**
 * Relay cursor connections over keyset pages (https://relay.dev/graphql/connections.htm).
 *
 * A cursor holds the sort values of its row, so that a page costs the same at the start and at the end of a
 * list, and rows that are added meanwhile neither repeat nor hide others.
 */
import { Kind } from 'graphql'
import type { GraphQLResolveInfo, SelectionSetNode } from 'graphql'
import { fault } from './faults.js'

/** The largest page. */
export const MAX_PAGE_SIZE = 100

export interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
}

/** Sort values of the row after which a page starts; the last is always the row's unique number. */
export type Position = readonly (string | number)[]

export interface PageRequest {
  readonly size: number
  readonly after: Position | undefined
  /** Whether the total is asked for: it is not counted otherwise. */
  readonly withTotal: boolean
}

/** What a repository returns: up to `size + 1` rows, the surplus one only to know that there is more. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly total: number
}

export interface Connection<Node> {
  readonly nodes: readonly Node[]
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
  readonly totalCount: number
}

/** Checks `first` against {@link MAX_PAGE_SIZE}. */
export function readPageSize(first: number | null | undefined, fallback: number): number {
  const size = first ?? fallback
  if (size < 0 || size > MAX_PAGE_SIZE) {
    throw fault('BAD_USER_INPUT', `"first" must be between 0 and ${MAX_PAGE_SIZE}.`)
  }
  return size
}

/** Reads the paging arguments of a connection field; `order` names the sort order that the cursor must be of. */
export function readPage(
  page: PageArguments,
  fallbackSize: number,
  order: string,
  info: GraphQLResolveInfo,
): PageRequest {
  return {
    size: readPageSize(page.first, fallbackSize),
    after: page.after === null || page.after === undefined ? undefined : readCursor(page.after, order),
    withTotal: selects(info, 'totalCount'),
  }
}

/** Makes the connection out of a page; `position` gives the sort values of a row. */
export function toConnection<Row>(
  page: Page<Row>,
  request: Pick<PageRequest, 'size' | 'after'>,
  order: string,
  position: (row: Row) => Position,
): Connection<Row> {
  const nodes = page.rows.slice(0, request.size)
  const edges = nodes.map((node) => ({ cursor: writeCursor(order, position(node)), node }))
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: page.rows.length > request.size,
      hasPreviousPage: request.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: page.total,
  }
}

function writeCursor(order: string, position: Position): string {
  return Buffer.from(JSON.stringify([order, ...position])).toString('base64url')
}

function readCursor(cursor: string, order: string): Position {
  const parts = parseJson(Buffer.from(cursor, 'base64url').toString())
  const [name, ...position] = Array.isArray(parts) ? (parts as readonly unknown[]) : []
  if (name === order && position.length > 0 && position.every(isPositionPart)) return position
  throw fault('BAD_USER_INPUT', '"after" is not a cursor of this list.')
}

function isPositionPart(part: unknown): part is string | number {
  return typeof part === 'string' || (typeof part === 'number' && Number.isSafeInteger(part))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether the operation asks for `name` directly below the field being resolved, also through fragments. */
export function selects(info: GraphQLResolveInfo, name: string): boolean {
  const within = (set: SelectionSetNode | undefined): boolean =>
    set?.selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value === name
      if (selection.kind === Kind.INLINE_FRAGMENT) return within(selection.selectionSet)
      return within(info.fragments[selection.name.value]?.selectionSet)
    }) ?? false
  return info.fieldNodes.some((node) => within(node.selectionSet))
}
