import { APOLLO_FORMAT } from './list-apollo-manifest.js'
import { describeDocument, TrustedDocumentsError, type TrustedDocument } from './trusted-document.js'

/** What a publication makes of the one before. */
export interface PublishedChange {
  readonly documents: readonly TrustedDocument[]
  readonly added: number
  readonly kept: number
  readonly pruned: number
}

/**
 * Adds documents to those published before, which stay, because versions of an app that are out there go on asking for
 * them.
 *
 * With `prune`, those go that the same clients no longer have; other clients' documents stay. Raises
 * TrustedDocumentsError where an id was published for another document: ids never change what they mean.
 */
export function mergePublished(
  before: readonly TrustedDocument[],
  next: readonly TrustedDocument[],
  { prune }: { readonly prune: boolean },
): PublishedChange {
  const given = new Map(next.map((document) => [keyOf(document), document]))
  const clients = new Set(next.map(({ clientName }) => clientName))
  const findings: string[] = []
  const staying = before.filter((document) => {
    const again = given.get(keyOf(document))
    if (again !== undefined && again.identity !== document.identity) {
      findings.push(
        `${again.place}: ${describeDocument(again)} has an id that was published for another document.`,
      )
    }
    return again !== undefined || !prune || !clients.has(document.clientName)
  })
  if (findings.length > 0) throw new TrustedDocumentsError(findings)
  const known = new Set(staying.map(keyOf))
  const added = [...given.values()].filter((document) => !known.has(keyOf(document)))
  return {
    documents: [...staying, ...added],
    added: added.length,
    kept: staying.length,
    pruned: before.length - staying.length,
  }
}

/** Writes documents as a manifest in Apollo's form. */
export function toManifest(documents: readonly TrustedDocument[]): string {
  const operations = documents.map(({ id, name, type, source, clientName }) => ({
    id,
    name: name ?? '',
    type,
    ...(clientName === undefined ? {} : { clientName }),
    body: source,
  }))
  return `${JSON.stringify({ format: APOLLO_FORMAT, version: 1, operations }, null, 2)}\n`
}

function keyOf({ id, clientName }: TrustedDocument): string {
  return JSON.stringify([clientName ?? null, id])
}
