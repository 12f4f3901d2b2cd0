import type { GraphQLSchema } from 'graphql'
import { Answer } from '../kernel/answer.js'
import type { Charged, Shaped } from '../kernel/contexts.js'
import { NO_STORE, type CachePolicy } from '../kernel/decisions.js'
import type { OperationRecord } from '../kernel/operation.js'
import type { Clock } from '../kernel/ports/clock.js'
import type { KeyValueStore } from '../kernel/ports/key-value-store.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Metrics } from '../kernel/ports/metrics.js'
import type { RememberedAnswer, ResponseCache } from '../kernel/response-cache.js'
import { andThenWith } from '../kernel/stage.js'
import { readEntry, writeEntry, type CacheEntry } from './cache-entry.js'
import { restrictPolicy } from './cache-hint.js'
import { toCacheKey } from './cache-key.js'
import { createOperationPolicy } from './operation-policy.js'
import type { CacheOptions } from './options.js'
import { sayBypass, sayHit, sayMiss, sayPolicy, toVary } from './response-headers.js'

export interface ResponseCachePorts {
  readonly store: KeyValueStore
  /** The schema with the directives: the hints are read from it. */
  readonly supergraphSchema: GraphQLSchema
  readonly supergraphId: string
  /** Request headers, beside the usual credentials, by which answers differ. */
  readonly variesBy?: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** What is decided of one request before the store is asked. */
interface Place {
  readonly key: string
  readonly policy: CachePolicy
}

/**
 * Makes the whole-response cache of one generation.
 *
 * The policy is worked out once per operation; a request then pays for a hash and a look into the store. Where
 * the store answers at once, so does `read`.
 */
export function createResponseCache(options: CacheOptions, ports: ResponseCachePorts): ResponseCache {
  const { store, supergraphId, clock, logger, metrics } = ports
  const vary = toVary(ports.variesBy ?? [])
  const policyOf = rememberPolicies(options, ports.supergraphSchema)
  const decoded = new WeakMap<Buffer, { readonly key: string; readonly entry: CacheEntry }>()

  const placeOf = (context: Charged): Place | undefined => {
    const { permitted, denials } = context
    if (permitted === null || denials.length > 0 || context.isJudgedAfterFetch === true) return undefined
    const policy = policyOf(permitted)
    if (policy.maxAgeSeconds <= 0) return undefined
    const key = toCacheKey(context, permitted, policy.scope, supergraphId)
    return key === undefined ? undefined : { key, policy }
  }

  /** An in-process store gives back the very bytes that were written: those are checked and read once. */
  const decode = (key: string, bytes: Buffer): CacheEntry | undefined => {
    const known = decoded.get(bytes)
    if (known?.key === key) return known.entry
    const entry = readEntry(key, bytes)
    if (entry === undefined) logger.warn({ key }, 'a cache entry is damaged and was ignored')
    else decoded.set(bytes, { key, entry })
    return entry
  }

  const toRemembered = (
    bytes: Buffer | undefined,
    context: Charged,
    key: string,
  ): RememberedAnswer | undefined => {
    const entry = bytes === undefined ? undefined : decode(key, bytes)
    const ageSeconds = entry === undefined ? 0 : (clock.now() - entry.storedAtMs) / 1000
    if (entry === undefined || !(ageSeconds < entry.policy.maxAgeSeconds)) {
      metrics.countCache('MISS')
      sayMiss(context.responseHead)
      return undefined
    }
    metrics.countCache('HIT')
    sayHit(context.responseHead, entry.policy, vary, ageSeconds)
    return { answer: Answer.fromText(entry.text), status: 'HIT' }
  }

  const read: ResponseCache['read'] = (context) => {
    const place = placeOf(context)
    if (place === undefined) {
      metrics.countCache('BYPASS')
      sayBypass(context.responseHead)
      return undefined
    }
    const { key } = place
    return andThenWith(store.get(key), toRemembered, context, key)
  }

  const write: ResponseCache['write'] = (context) => {
    const place = placeOf(context)
    if (place === undefined || hasErrors(context)) return
    const { key } = place
    const { cachePolicy } = context.outcome
    const policy = cachePolicy === undefined ? place.policy : restrictPolicy(place.policy, cachePolicy)
    if (!(policy.maxAgeSeconds >= 1)) return
    sayPolicy(context.responseHead, policy, vary)
    // Its readers look in the public partition, where a private answer must not be found.
    if (policy.scope !== place.policy.scope) return
    const entry = { storedAtMs: clock.now(), policy: wholeSeconds(policy), text: context.answer.bare.text }
    if (Buffer.byteLength(entry.text) > options.maxEntryBytes) return
    const bytes = writeEntry(key, entry)
    decoded.set(bytes, { key, entry })
    store.set(key, bytes, entry.policy.maxAgeSeconds)
  }

  return { read, write }
}

/** The static policy of each operation within the options, worked out when it is first seen. */
function rememberPolicies(
  options: CacheOptions,
  schema: GraphQLSchema,
): (permitted: OperationRecord) => CachePolicy {
  if (!options.enabled) return () => NO_STORE
  const compute = createOperationPolicy(schema, options.defaultMaxAgeSeconds)
  const most: CachePolicy = { maxAgeSeconds: options.maxAgeSeconds, scope: 'PUBLIC' }
  const policies = new WeakMap<OperationRecord, CachePolicy>()
  return (permitted) => {
    const known = policies.get(permitted)
    if (known !== undefined) return known
    const policy = restrictPolicy(compute(permitted), most)
    policies.set(permitted, policy)
    return policy
  }
}

function wholeSeconds(policy: CachePolicy): CachePolicy {
  return { ...policy, maxAgeSeconds: Math.floor(policy.maxAgeSeconds) }
}

/** Only a text that contains the word at all is looked at as an object. */
function hasErrors({ answer: { bare: answer }, outcome }: Shaped): boolean {
  if (outcome.errors.length > 0) return true
  return answer.text.includes('"errors"') && (answer.body.errors?.length ?? 0) > 0
}
