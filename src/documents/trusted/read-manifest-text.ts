import { inSlices } from './in-slices.js'
import { listApolloManifest } from './list-apollo-manifest.js'
import { listRelayMap } from './list-relay-map.js'
import { toTrusted, type ListedText } from './to-trusted.js'
import { TrustedDocumentsError, type TrustedDocument } from './trusted-document.js'
import { isRecord } from '../../kernel/is-record.js'

/** Findings of one manifest that are told; a wrong file has thousands. */
const MAX_FINDINGS = 50

export interface ManifestText {
  /** How findings name it. */
  readonly file: string
  readonly text: string
  /** For documents that do not say for whom they are. */
  readonly clientName: string | undefined
}

/** Reads a manifest in Apollo's form or in Relay's; raises TrustedDocumentsError with every finding. */
export async function readManifestText(manifest: ManifestText): Promise<readonly TrustedDocument[]> {
  return readListed(listTexts(manifest))
}

/** Parses listed texts, a few at a time; raises TrustedDocumentsError. */
export async function readListed(listed: readonly ListedText[]): Promise<readonly TrustedDocument[]> {
  const documents: TrustedDocument[] = []
  const findings: string[] = []
  await inSlices(listed, (each) => {
    if (findings.length === MAX_FINDINGS) return
    try {
      documents.push(toTrusted(each))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      findings.push(`${each.place}: Document ${JSON.stringify(each.id.slice(0, 80))}: ${reason}`)
    }
  })
  if (findings.length > 0) throw new TrustedDocumentsError(findings)
  return documents
}

function listTexts(manifest: ManifestText): readonly ListedText[] {
  const parsed = parse(manifest)
  if (!isRecord(parsed)) {
    throw new TrustedDocumentsError([`${manifest.file}:1: It is no manifest: a JSON object is expected.`])
  }
  // A map of Relay's holds texts only, whatever its ids are called.
  return typeof parsed['operations'] === 'object'
    ? listApolloManifest(parsed, manifest)
    : listRelayMap(parsed, manifest)
}

function parse({ file, text }: ManifestText): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const line = position === undefined ? 1 : text.slice(0, Number(position)).split('\n').length
    throw new TrustedDocumentsError([`${file}:${String(line)}: It is not valid JSON.`])
  }
}
