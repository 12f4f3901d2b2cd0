import { GraphQLError, Kind, parse, type DocumentNode } from 'graphql'
import { documentIdentity } from './document-identity.js'
import type { TrustedDocument } from './trusted-document.js'

/** A document as a manifest has it. */
export interface ListedText {
  readonly id: string
  readonly clientName: string | undefined
  readonly source: string
  readonly place: string
}

/** More than anybody writes, and little enough for the parser's memory. */
const MAX_TOKENS = 200_000

/** Reads what a manifest lists; raises an Error with one sentence where it is no document with an operation. */
export function toTrusted(listed: ListedText): TrustedDocument {
  const document = parseListed(listed.source)
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  const [first] = operations
  if (first?.kind !== Kind.OPERATION_DEFINITION) throw new Error('It has no operation.')
  return {
    id: listed.id,
    clientName: listed.clientName,
    source: listed.source,
    identity: documentIdentity(document),
    name: operations.length === 1 ? first.name?.value : undefined,
    type: first.operation,
    place: listed.place,
  }
}

function parseListed(source: string): DocumentNode {
  try {
    return parse(source, { noLocation: true, maxTokens: MAX_TOKENS })
  } catch (error) {
    if (error instanceof GraphQLError) throw new Error(describe(error), { cause: error })
    throw new Error('It is nested too deeply.', { cause: error })
  }
}

function describe({ message, locations }: GraphQLError): string {
  const [at] = locations ?? []
  return at === undefined ? message : `${message} (line ${String(at.line)} of its text)`
}
