import { isRecord } from '../../kernel/is-record.js'
import type { JsonObject } from '../../kernel/json.js'
import type { Principal } from '../../kernel/principal.js'
import { isPlainText } from '../claims.js'

/** What an enrichment module may say of a caller; what it leaves out stays as the credential has it. */
export interface ProfileFacts {
  readonly email?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly scopes?: readonly string[] | undefined
  /** Anything that rules want to look at; must be JSON. */
  readonly profile?: JsonObject | undefined
}

/** Facts that were checked and copied, so that nobody can change them later. */
export interface CheckedFacts extends ProfileFacts {
  /** Equal exactly when the facts are. */
  readonly text: string
}

const MAX_CHARACTERS = 65_536

/** Checks what a module returned; raises an Error that says what is wrong with it, without its values. */
export function checkFacts(returned: unknown): CheckedFacts {
  const given = returned ?? {}
  if (!isRecord(given)) throw new Error('the module returned no object')
  const text = JSON.stringify(given)
  if (text.length > MAX_CHARACTERS) throw new Error('the facts are too large')
  const { email, roles, scopes, profile } = JSON.parse(text) as Record<keyof ProfileFacts, unknown>
  if (email !== undefined && !isPlainText(email)) throw new Error('email is not a plain text')
  if (profile !== undefined && !isRecord(profile)) throw new Error('profile is not an object')
  return {
    email,
    roles: checkWords(roles, 'roles'),
    scopes: checkWords(scopes, 'scopes'),
    profile: profile === undefined ? undefined : deepFreeze(profile as JsonObject),
    text,
  }
}

/**
 * The principal with facts added.
 *
 * Narrowed only, unless the operator said otherwise: a module that mixes up two callers can then take rights away,
 * but give none.
 */
export function addFacts(principal: Principal, facts: CheckedFacts, mayWiden: boolean): Principal {
  const keep = (held: Iterable<string>, said: readonly string[] | undefined): readonly string[] => {
    if (said === undefined) return [...held]
    if (mayWiden) return [...new Set(said)]
    return [...held].filter((word) => said.includes(word))
  }
  const scopes = keep(principal.scopes, facts.scopes)
  const email = mayWiden ? (facts.email ?? principal.email) : (principal.email ?? facts.email)
  return {
    ...principal,
    scopes: new Set(scopes),
    scopeKey: [...scopes].sort().join(' '),
    roles: keep(principal.roles, facts.roles),
    ...(email === undefined ? {} : { email }),
    ...(facts.profile === undefined ? {} : { profile: facts.profile }),
  }
}

function checkWords(value: unknown, name: string): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value) || !value.every((word) => isPlainText(word) && !/\s/.test(word))) {
    throw new Error(`${name} are not a list of words`)
  }
  return value as readonly string[]
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
