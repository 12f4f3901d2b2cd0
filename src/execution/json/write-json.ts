/** Writes a value that came out of JSON back as JSON. `isEscapeFree`: no text of the request needs escaping. */
export function writeJson(value: unknown, isEscapeFree: boolean): string {
  switch (typeof value) {
    case 'string':
      return isEscapeFree ? `"${value}"` : JSON.stringify(value)
    case 'number':
    case 'boolean':
      return String(value)
    default:
      return JSON.stringify(value)
  }
}
