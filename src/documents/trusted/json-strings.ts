/** A string of a JSON text as it stands there, quotes and escapes included, and its line. */
export interface JsonString {
  readonly raw: string
  readonly line: number
}

/** A JSON string, or the end of a line. */
const STRING_OR_LINE = /"[^"\\]*(?:\\.[^"\\]*)*"|\n/g

/** The strings of a valid JSON text, keys and values alike, in the order in which they stand. */
export function* jsonStrings(text: string): Generator<JsonString, void, undefined> {
  let line = 1
  for (const [token] of text.matchAll(STRING_OR_LINE)) {
    if (token === '\n') line += 1
    else yield { raw: token, line }
  }
}
