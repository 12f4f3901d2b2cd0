import { jsonStrings } from './json-strings.js'
import type { ManifestText } from './read-manifest-text.js'
import type { ListedText } from './to-trusted.js'
import { TrustedDocumentsError } from './trusted-document.js'

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
  const strings = jsonStrings(text)
  for (const { raw: id, line } of strings) {
    const { value: source } = strings.next()
    if (source === undefined) break
    listed.push({
      id: JSON.parse(id) as string,
      source: JSON.parse(source.raw) as string,
      clientName,
      place: `${file}:${String(line)}`,
    })
  }
  return listed
}
