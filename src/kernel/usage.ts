/** What is counted, by name, in the order of columns. */
export const USAGE_MEASURES = [
  'requests',
  'cacheHits',
  'clientErrors',
  'deniedErrors',
  'limitedErrors',
  'serverErrors',
  'costUnits',
  'receivedBytes',
  'sentBytes',
  'refusedByLimits',
  'events',
] as const

export type UsageMeasure = (typeof USAGE_MEASURES)[number]

/** Sums of what somebody used. All are whole numbers but `costUnits`, whose weights may be fractions. */
export type UsageCounts = Readonly<Record<UsageMeasure, number>>

/** Whose use it was, of what, and on which day. */
export interface UsageKey {
  /** In UTC: `2026-11-27`. */
  readonly day: string
  readonly tenant: string
  /** `key:<id>` for an API key, otherwise the kind of principal. */
  readonly caller: string
  /** The operation's name, or one of {@link UNNAMED} in parentheses. */
  readonly operation: string
}

export type UsageRow = UsageKey & UsageCounts

/** Names that no operation, key or kind of principal can have. */
export const UNNAMED = {
  /** An operation without a name. */
  anonymous: '(anonymous)',
  /** The request was refused before its operation was known. */
  unresolved: '(unresolved)',
  /** What came after the number of names that is kept apart. */
  other: '(other)',
  /** Tenant and caller of a request that was refused before its caller was known. */
  unidentified: '(unidentified)',
} as const

/** The kind of principal that quotas leave out: whoever names no tenant may not use up that of somebody else. */
export const OUTSIDE_QUOTA = 'anonymous'

export function emptyCounts(): Record<UsageMeasure, number> {
  return {
    requests: 0,
    cacheHits: 0,
    clientErrors: 0,
    deniedErrors: 0,
    limitedErrors: 0,
    serverErrors: 0,
    costUnits: 0,
    receivedBytes: 0,
    sentBytes: 0,
    refusedByLimits: 0,
    events: 0,
  }
}

export function addCounts(to: Record<UsageMeasure, number>, counts: UsageCounts): void {
  for (const measure of USAGE_MEASURES) to[measure] += counts[measure]
}

/** The requests that use up a quota: nobody pays for what a limit or the quota itself refused as a whole. */
export function quotaRequestsOf({
  requests,
  refusedByLimits,
}: Pick<UsageCounts, 'requests' | 'refusedByLimits'>): number {
  return requests - refusedByLimits
}

/** The day of a time in UTC, as rows name it. */
export function toDay(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10)
}

/** `2026-11` of `2026-11-27`. */
export function monthOf(day: string): string {
  return day.slice(0, 7)
}
