/** What Compose makes of `${NAME}` in a text (Compose specification, "Interpolation"); with `$$` for a dollar. */
export interface Interpolated {
  readonly text: string
  /** Variables without which Compose does not start: `${NAME:?message}`. */
  readonly required: readonly string[]
  /** Variables that would silently become nothing, and dollars that mean nothing. */
  readonly faults: readonly string[]
}

/** Fills in `environment`, then defaults; what is required and absent becomes `<NAME>`. */
export function interpolate(text: string, environment: Readonly<Record<string, string>> = {}): Interpolated {
  const required: string[] = []
  const faults: string[] = []
  let filled = ''
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] !== '$') {
      filled += text.charAt(at)
    } else if (text[at + 1] === '$') {
      filled += '$'
      at += 1
    } else {
      const end = text[at + 1] === '{' ? closingBrace(text, at + 2) : -1
      const match = /^([A-Z][A-Z0-9_]*)(?::([-?])([\s\S]*))?$/.exec(text.slice(at + 2, end))
      if (end === -1 || match === null) {
        faults.push(`"${text}" has a dollar that is neither \`$$\` nor \`\${NAME…}\`.`)
        return { text, required, faults }
      }
      const [, name = '', kind, rest = ''] = match
      if (kind === undefined) faults.push(`${name} has neither a default nor a message.`)
      if (kind === '?') required.push(name)
      if (kind === '?' && rest === '') faults.push(`${name} is required without a message.`)
      const fallback = interpolate(kind === '-' ? rest : '', environment)
      required.push(...fallback.required)
      faults.push(...fallback.faults)
      filled += environment[name] || (kind === '?' ? `<${name}>` : fallback.text)
      at = end
    }
  }
  return { text: filled, required, faults }
}

/** Defaults may hold variables of their own, so braces are counted. */
function closingBrace(text: string, from: number): number {
  let open = 1
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '{') open += 1
    if (text[at] === '}') open -= 1
    if (open === 0) return at
  }
  return -1
}
