import type { PublishedDocuments } from '../../kernel/ports/published-documents.js'
import { readManifestText } from './read-manifest-text.js'
import { tooLarge, type TrustedDocument } from './trusted-document.js'

/** How findings name it. */
const NAME = 'published'

/** What was published through a store at one moment. */
export interface PublishedManifest {
  readonly revision: string
  readonly documents: readonly TrustedDocument[]
}

/**
 * Reads what is published; undefined where nothing is.
 *
 * Raises TrustedDocumentsError where it is faulty; whatever else it rejects with is the store's.
 */
export async function readPublished(
  store: PublishedDocuments,
  maxBytes: number,
): Promise<PublishedManifest | undefined> {
  const found = await store.read()
  if (found === undefined) return undefined
  const { revision, manifest: text } = found
  if (Buffer.byteLength(text) > maxBytes) throw tooLarge(NAME, maxBytes)
  return { revision, documents: await readManifestText({ file: NAME, text, clientName: undefined }) }
}
