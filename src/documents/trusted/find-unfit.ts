import { GatewayError } from '../../kernel/gateway-error.js'
import type { PreparedTexts } from '../prepared-texts.js'
import { inSlices } from './in-slices.js'
import { describeDocument, type TrustedDocument } from './trusted-document.js'

/** Says of each document that would be refused why; a sentence each, with the place where it is listed. */
export async function findUnfit(
  documents: readonly TrustedDocument[],
  texts: PreparedTexts,
): Promise<readonly string[]> {
  const findings: string[] = []
  await inSlices(documents, (document) => {
    try {
      texts.tryOut(document.source)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      const details = error.details ?? [error]
      const reasons = details.map(({ message, locations }) => {
        const [at] = locations ?? []
        return at === undefined ? message : `${message} (line ${String(at.line)} of its text)`
      })
      findings.push(`${document.place}: ${describeDocument(document)}: ${reasons.join(' ')}`)
    }
  })
  return findings
}
