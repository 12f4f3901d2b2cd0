import type { Logger } from '../../kernel/ports/logger.js'
import type { PublishedDocuments } from '../../kernel/ports/published-documents.js'
import { readPublished, type PublishedManifest } from './read-published.js'
import { TrustedDocumentsError } from './trusted-document.js'

/** What is known of a store of published documents. */
export type StoreState = 'up' | 'down' | 'emptied'

/** The newest publication of a store, and the one that is in service. */
export interface PublishedFeed {
  /** The one that serves; it stays when the store goes, does not bring another one or is emptied. */
  readonly inService: () => PublishedManifest | undefined
  readonly putIntoService: (manifest: PublishedManifest | undefined) => void
  /**
   * The newest, or the one in service where there is no other to be had; raises TrustedDocumentsError where it is faulty.
   *
   * With `unread`, one that was read before and is not in service was refused: it is not read again.
   */
  readonly newest: (which?: 'any' | 'unread') => Promise<PublishedManifest | undefined>
  readonly state: () => StoreState
}

/** Makes the feed of one store; an outage is one line of the log, however often it is asked. */
export function createPublishedFeed(
  store: PublishedDocuments,
  { maxBytes, logger }: { readonly maxBytes: number; readonly logger: Logger },
): PublishedFeed {
  let inService: PublishedManifest | undefined
  let lastRead: string | undefined
  let state: StoreState = 'up'

  const note = (next: StoreState): void => {
    if (next === state) return
    state = next
    if (next === 'up') logger.info({}, 'published documents can be read again')
    else logger.warn({ state: next }, 'published documents cannot be read; those known before stay')
  }
  const find = async (which: 'any' | 'unread'): Promise<PublishedManifest | undefined> => {
    const revision = await store.revision()
    if (revision === undefined) return undefined
    if (revision === inService?.revision || (which === 'unread' && revision === lastRead)) return inService
    lastRead = revision
    return readPublished(store, maxBytes)
  }
  return {
    inService: () => inService,
    putIntoService: (manifest) => {
      inService = manifest
    },
    newest: async (which = 'any') => {
      try {
        const found = await find(which)
        note(found === undefined && inService !== undefined ? 'emptied' : 'up')
        return found ?? inService
      } catch (error) {
        if (error instanceof TrustedDocumentsError) {
          note('up')
          throw error
        }
        lastRead = undefined
        note('down')
        return inService
      }
    },
    state: () => state,
  }
}
