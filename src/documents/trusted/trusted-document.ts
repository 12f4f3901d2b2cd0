/** A document that the operator knows in advance. */
export interface TrustedDocument {
  /** By which clients ask for it; unique for its `clientName`. */
  readonly id: string
  /** For whom the id is; absent where it is for everybody. Clients say it of themselves, so it protects nothing. */
  readonly clientName: string | undefined
  readonly source: string
  /** Equal for texts that differ in white space, commas, comments and the order of definitions only. */
  readonly identity: string
  /** Name of its operation, where it has one only. */
  readonly name: string | undefined
  readonly type: 'query' | 'mutation' | 'subscription'
  /** Where it is listed: `file:line`. */
  readonly place: string
}

/** How people know it: its name and the beginning of its id. */
export function describeDocument({ id, name, clientName }: TrustedDocument): string {
  const short = id.length > 16 ? `${id.slice(0, 12)}…` : id
  const whose = clientName === undefined ? '' : ` of ${clientName}`
  return name === undefined ? `document ${short}${whose}` : `${name} (${short})${whose}`
}

/** Raised with everything that is wrong with a source of trusted documents; each finding is `file:line: sentence`. */
export class TrustedDocumentsError extends Error {
  override readonly name = 'TrustedDocumentsError'
  readonly findings: readonly string[]

  constructor(findings: readonly string[]) {
    super(findings.join('\n'))
    this.findings = findings
  }
}

/** The finding that a manifest is over the operator's bound. */
export function tooLarge(file: string, maxBytes: number): TrustedDocumentsError {
  return new TrustedDocumentsError([
    `${file}:1: It is larger than ${String(maxBytes)} bytes (documents.trusted.maxBytes).`,
  ])
}
