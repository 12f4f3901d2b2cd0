import { APOLLO_FORMAT } from './list-apollo-manifest.js'
import {
  describeDocument,
  tooLarge,
  TrustedDocumentsError,
  type TrustedDocument,
} from './trusted-document.js'

/** What a publication makes of the one before. */
export interface PublishedChange {
  readonly documents: readonly TrustedDocument[]
  readonly added: number
  readonly kept: number
  readonly pruned: number
}

export interface PublishRules {
  readonly prune: boolean
  /** Documents that the config lists elsewhere: gateways refuse an id that is published for another one. */
  readonly listed: readonly TrustedDocument[]
}

/**
 * Adds documents to those published before, which stay, because versions of an app that are out there go on asking for
 * them.
 *
 * With `prune`, those go that the same clients no longer have; other clients' documents stay. Raises
 * TrustedDocumentsError where an id was published or is listed for another document: ids never change what they mean.
 */
export function mergePublished(
  before: readonly TrustedDocument[],
  next: readonly TrustedDocument[],
  { prune, listed }: PublishRules,
): PublishedChange {
  const given = new Map(next.map((document) => [keyOf(document), document]))
  const clients = new Set(next.map(({ clientName }) => clientName))
  const findings: string[] = []
  for (const document of listed) {
    const again = given.get(keyOf(document))
    if (again === undefined || again.identity === document.identity) continue
    findings.push(
      `${again.place}: ${describeDocument(again)} has the id of another document, at ${document.place}.`,
    )
  }
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

/** Writes documents as a manifest in Apollo's form; raises TrustedDocumentsError where gateways would find it too large. */
export function toManifest(
  documents: readonly TrustedDocument[],
  { file, maxBytes }: { readonly file: string; readonly maxBytes: number },
): string {
  const operations = documents.map(({ id, name, type, source, clientName }) => ({
    id,
    name: name ?? '',
    type,
    ...(clientName === undefined ? {} : { clientName }),
    body: source,
  }))
  const text = `${JSON.stringify({ format: APOLLO_FORMAT, version: 1, operations }, null, 2)}\n`
  if (Buffer.byteLength(text) > maxBytes) throw tooLarge(file, maxBytes)
  return text
}

function keyOf({ id, clientName }: TrustedDocument): string {
  return JSON.stringify([clientName ?? null, id])
}
