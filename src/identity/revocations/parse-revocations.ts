import { isPlainText } from '../claims.js'

/** What a list of revocations names. */
export interface Revocations {
  readonly tokenIds: ReadonlySet<string>
  /** Of each subject the second up to which his tokens are void. */
  readonly subjects: ReadonlyMap<string, number>
}

const NOTHING = /^\s*(#|$)/
/** The last @ parts subject and time, since subjects may be addresses. */
const LINE = /^(?:jti:(?<tokenId>.+)|sub:(?<subject>.+)@(?<time>[^@]+))$/

/** Reads a list; raises an Error that names the line which is none, so that no slip of the pen lets anybody in. */
export function parseRevocations(text: string, maxEntries: number): Revocations {
  const tokenIds = new Set<string>()
  const subjects = new Map<string, number>()
  for (const [index, line] of text.split('\n').entries()) {
    if (NOTHING.test(line)) continue
    const { tokenId, subject, time } = LINE.exec(line.trim())?.groups ?? {}
    const seconds = time === undefined ? undefined : readTime(time)
    if (tokenId !== undefined && isPlainText(tokenId)) tokenIds.add(tokenId)
    else if (seconds !== undefined && isPlainText(subject)) {
      subjects.set(subject, Math.max(seconds, subjects.get(subject) ?? 0))
    } else throw new Error(`line ${index + 1} is no revocation`)
    if (tokenIds.size + subjects.size > maxEntries) throw new Error(`more than ${maxEntries} revocations`)
  }
  return { tokenIds, subjects }
}

/** Whole seconds, or a time of ISO 8601 with its zone; part of a second counts as all of it. */
function readTime(text: string): number | undefined {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) ? undefined : Math.ceil(milliseconds / 1_000)
}
