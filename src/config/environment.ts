/**
 * The environment variables that a user may set instead of writing them into the config file (contract §2).
 *
 * This is the only file of the gateway that reads `process.env`.
 */
export type Environment = Readonly<Record<string, string | undefined>>

export function readEnvironment(): Environment {
  return process.env
}

const REFERENCE = /\$\{env\.([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g

/**
 * Replaces `${env.NAME}` and `${env.NAME:-default}` in every text of a parsed config file.
 *
 * A variable that is set but empty counts as not set, as in a shell. Texts that are one whole reference and look
 * like a number or a boolean become one, so that `port: ${env.PORT:-4000}` needs no quotes or conversions. In a
 * list such a text stands for as many elements as the variable names, separated by commas.
 */
export function expandReferences(value: unknown, environment: Environment, missing: string[] = []): unknown {
  if (typeof value === 'string') return expandText(value, environment, missing)
  if (Array.isArray(value)) return value.flatMap((element) => expandElement(element, environment, missing))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, expandReferences(member, environment, missing)]),
  )
}

/** An element that is one whole reference stands for as many elements as the variable lists by commas. */
function expandElement(element: unknown, environment: Environment, missing: string[]): readonly unknown[] {
  const expanded = expandReferences(element, environment, missing)
  if (typeof element !== 'string' || !isWholeReference(element) || typeof expanded !== 'string')
    return [expanded]
  return expanded
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function isWholeReference(text: string): boolean {
  return text.startsWith('${env.') && text.replace(REFERENCE, '') === ''
}

function expandText(text: string, environment: Environment, missing: string[]): unknown {
  if (!text.includes('${env.')) return text
  const expanded = text.replace(REFERENCE, (_, name: string, fallback: string | undefined) => {
    const value = environment[name]
    if (value !== undefined && value !== '') return value
    if (fallback === undefined) missing.push(name)
    return fallback ?? ''
  })
  return isWholeReference(text) ? toScalar(expanded) : expanded
}

function toScalar(text: string): string | number | boolean {
  if (/^-?(0|[1-9]\d{0,14})$/.test(text)) return Number(text)
  if (text === 'true' || text === 'false') return text === 'true'
  return text
}
