import { describeDocument, TrustedDocumentsError, type TrustedDocument } from './trusted-document.js'

/** The prefix by which clients say that an id is a hash (GraphQL over HTTP, appendix on persisted documents). */
const HASH_PREFIX = 'sha256:'

/** All documents that are trusted at one moment; never changed, only replaced whole. */
export class TrustedSet {
  readonly documents: readonly TrustedDocument[]
  readonly #forAll = new Map<string, TrustedDocument>()
  readonly #forClients = new Map<string, Map<string, TrustedDocument>>()
  readonly #identities = new Set<string>()
  readonly #sources = new Set<string>()

  /** Raises TrustedDocumentsError where an id stands for two documents. */
  constructor(listed: Iterable<TrustedDocument>) {
    const documents: TrustedDocument[] = []
    const findings: string[] = []
    for (const document of listed) {
      const ids = this.#idsOf(document.clientName)
      const other = ids.get(document.id)
      if (other === undefined) {
        ids.set(document.id, document)
        documents.push(document)
        this.#identities.add(document.identity)
        this.#sources.add(document.source)
      } else if (other.identity !== document.identity) {
        findings.push(
          `${document.place}: ${describeDocument(document)} has the id of another document, at ${other.place}.`,
        )
      }
    }
    if (findings.length > 0) throw new TrustedDocumentsError(findings)
    this.documents = documents
  }

  /** The document of an id: the one for this client before the one for everybody. Ids are compared exactly. */
  find(id: string, clientName: string | undefined): TrustedDocument | undefined {
    const found = this.#findExactly(id, clientName)
    if (found !== undefined || !id.startsWith(HASH_PREFIX)) return found
    return this.#findExactly(id.slice(HASH_PREFIX.length), clientName)
  }

  /** Whether a document of this identity is listed, for whomever. */
  holds(identity: string): boolean {
    return this.#identities.has(identity)
  }

  /** Whether a document is listed in exactly these words. */
  holdsText(source: string): boolean {
    return this.#sources.has(source)
  }

  #findExactly(id: string, clientName: string | undefined): TrustedDocument | undefined {
    const own = clientName === undefined ? undefined : this.#forClients.get(clientName)?.get(id)
    return own ?? this.#forAll.get(id)
  }

  #idsOf(clientName: string | undefined): Map<string, TrustedDocument> {
    if (clientName === undefined) return this.#forAll
    const ids = this.#forClients.get(clientName) ?? new Map<string, TrustedDocument>()
    this.#forClients.set(clientName, ids)
    return ids
  }
}
