import { isRecord } from '../kernel/is-record.js'
import type { Json, JsonObject } from '../kernel/json.js'

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses a JSON object as security needs it: valid UTF-8, no byte order mark, no name twice in any object.
 *
 * Two readers of a duplicated name may take different values (RFC 7519 §4), so it is refused. Returns `undefined`
 * for everything that is not such an object.
 */
export function parseStrictObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const text = UTF8.decode(bytes)
    const value = JSON.parse(text) as Json
    if (!isRecord(value)) return undefined
    return hasDuplicateName(text) ? undefined : value
  } catch {
    return undefined
  }
}

/** Walks the tokens of a text that is known to be JSON. */
function hasDuplicateName(text: string): boolean {
  const open: (Set<string> | undefined)[] = []
  for (const [token, name] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (name !== undefined) {
      const names = open.at(-1)
      const unescaped = JSON.parse(name) as string
      if (names?.has(unescaped) === true) return true
      names?.add(unescaped)
    }
  }
  return false
}
