/** A Cookie header without one of its cookies (RFC 6265 §4.2.1); undefined where nothing is left. */
export function withoutCookie(header: string | undefined, name: string): string | undefined {
  const kept = (header ?? '').split(';').filter((pair) => {
    const text = pair.trim()
    const end = text.indexOf('=')
    return text !== '' && (end === -1 ? text : text.slice(0, end).trimEnd()) !== name
  })
  return kept.length === 0 ? undefined : kept.map((pair) => pair.trim()).join('; ')
}
