import type { ManifestText } from './read-manifest-text.js'
import type { ListedText } from './to-trusted.js'
import { TrustedDocumentsError } from './trusted-document.js'

/** A JSON string, or the end of a line. */
const STRING_OR_LINE = /"[^"\\]*(?:\\.[^"\\]*)*"|\n/g

/**
 * Lists what stands in a map of id to text, as Relay's compiler and GraphQL Code Generator write it.
 *
 * Reads the text itself and not what `JSON.parse` made of it, which keeps only the last of two equal ids.
 */
export function listRelayMap(
  members: Readonly<Record<string, unknown>>,
  { file, text, clientName }: ManifestText,
): readonly ListedText[] {
  const wrong = Object.keys(members).find((id) => typeof members[id] !== 'string' || id === '')
  if (wrong !== undefined) {
    throw new TrustedDocumentsError([
      `${file}:1: It is no manifest that is known: ${JSON.stringify(wrong.slice(0, 80))} is no text under an id.`,
    ])
  }
  const listed: ListedText[] = []
  let line = 1
  let id: string | undefined
  let place = ''
  for (const [token] of text.matchAll(STRING_OR_LINE)) {
    if (token === '\n') {
      line += 1
    } else if (id === undefined) {
      id = JSON.parse(token) as string
      place = `${file}:${String(line)}`
    } else {
      listed.push({ id, source: JSON.parse(token) as string, clientName, place })
      id = undefined
    }
  }
  return listed
}
