/** Few values come together in few ways; more than this many are joined anew each time. */
const REMEMBERED_PAIRS = 200
const remembered = new Map<string, string>()

/** Joins two values of Vary, each name once: those of CORS and those of the answer (RFC 9110 §12.5.5). */
export function joinVary(one: string, other: string): string {
  const both = `${one},${other}`
  let joined = remembered.get(both)
  if (joined === undefined) {
    joined = join(both)
    if (remembered.size < REMEMBERED_PAIRS) remembered.set(both, joined)
  }
  return joined
}

function join(names: string): string {
  const all = new Map<string, string>()
  for (const name of names.split(',')) {
    const trimmed = name.trim()
    if (trimmed !== '') all.set(trimmed.toLowerCase(), all.get(trimmed.toLowerCase()) ?? trimmed)
  }
  return all.has('*') ? '*' : [...all.values()].join(', ')
}
