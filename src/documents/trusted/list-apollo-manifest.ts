import { jsonStrings } from './json-strings.js'
import type { ManifestText } from './read-manifest-text.js'
import type { ListedText } from './to-trusted.js'
import { TrustedDocumentsError } from './trusted-document.js'

export const APOLLO_FORMAT = 'apollo-persisted-query-manifest'
const VERSION = 1

/**
 * Lists what stands in a manifest as `generate-persisted-query-manifest` writes it:
 * `{ format, version, operations: [{ id, body, name, type, clientName }] }`.
 */
export function listApolloManifest(
  manifest: Readonly<Record<string, unknown>>,
  { file, text, clientName }: ManifestText,
): readonly ListedText[] {
  const { format, version, operations } = manifest
  if (format !== APOLLO_FORMAT || version !== VERSION || !Array.isArray(operations)) {
    throw new TrustedDocumentsError([
      `${file}:1: It is no manifest that is known: format "${APOLLO_FORMAT}" and version ${String(VERSION)} are expected.`,
    ])
  }
  const lineOf = createLineOf(text)
  const findings: string[] = []
  const listed = (operations as readonly unknown[]).flatMap((operation, index): ListedText[] => {
    const { id, body, clientName: ownName } = toMembers(operation)
    const isNamed = ownName === undefined || ownName === null || typeof ownName === 'string'
    if (typeof id === 'string' && id !== '' && typeof body === 'string' && isNamed) {
      return [{ id, source: body, clientName: ownName ?? clientName, place: `${file}:${lineOf(id)}` }]
    }
    findings.push(`${file}:1: operations[${String(index)}] needs the texts "id" and "body".`)
    return []
  })
  if (findings.length > 0) throw new TrustedDocumentsError(findings.slice(0, 20))
  return listed
}

function toMembers(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** Finds the line of each id, for ids that are asked for in the order of the text: reads it through once for all of them. */
function createLineOf(text: string): (id: string) => string {
  const strings = jsonStrings(text)
  let line = 1
  return (id) => {
    for (let next = strings.next(); next.value !== undefined; next = strings.next()) {
      line = next.value.line
      if (isWritten(id, next.value.raw)) break
    }
    return String(line)
  }
}

/** Whether a JSON string stands for this text, of which each character takes up to six (`\u002f`). */
function isWritten(text: string, raw: string): boolean {
  if (!raw.includes('\\')) return raw.slice(1, -1) === text
  return raw.length <= 6 * text.length + 2 && JSON.parse(raw) === text
}
