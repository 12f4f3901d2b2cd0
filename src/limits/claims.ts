import { createHash } from 'node:crypto'
import type { Identified } from '../kernel/contexts.js'
import { networkOf } from '../kernel/network-of.js'
import type { Claim } from '../kernel/ports/limit-store.js'
import type { AppliedLimits, Per } from './applied-limits.js'
import { toCallerKey } from './caller-key.js'

/** Longer names are counted under their digest, so that nobody fills the store by the length of his name. */
const MOST_CHARACTERS = 128

/**
 * The partition in which all counts of one request lie: its tenant, or its address where nobody knows the caller.
 *
 * Users, keys and addresses are counted within a tenant then, which is what lets one script change all of them on a
 * Redis Cluster (docs/decisions/0011-limit-script.md).
 */
export function toPartition({ principal, client }: Pick<Identified, 'principal' | 'client'>): string {
  return principal.kind === 'anonymous' ? addressPartition(client.address) : `t:${bounded(principal.tenant)}`
}

export function addressPartition(address: string): string {
  return `a:${networkOf(address)}`
}

/** One point of every limit that applies. */
export function toClaims({ limits }: AppliedLimits, context: Identified): readonly Claim[] {
  return limits.map(({ budget, per }) => ({ budget, subject: bounded(SUBJECTS[per](context)), points: 1 }))
}

const SUBJECTS: Readonly<Record<Per, (context: Identified) => string>> = {
  caller: toCallerKey,
  user: ({ principal }) => principal.key,
  apiKey: ({ principal }) => principal.apiKey?.id ?? principal.key,
  tenant: ({ principal }) => principal.tenant,
  address: ({ client }) => networkOf(client.address),
}

function bounded(name: string): string {
  return name.length <= MOST_CHARACTERS ? name : createHash('sha256').update(name).digest('base64url')
}
