import { LRUCache } from 'lru-cache'
import type { Logger } from '../../kernel/ports/logger.js'
import type { Principal } from '../../kernel/principal.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import type { OverridesOptions } from '../options.js'
import { NO_OVERRIDES, type OverrideChoice } from './override-choice.js'
import { overrideLabels } from './override-labels.js'

/** What of a request decides on which side of a percentage it falls. */
export interface Chooser {
  readonly principal: Pick<Principal, 'key'>
  readonly requestId: string
}

/** Decides for each request which overrides with a label are active. */
export interface Rollout {
  readonly choose: (request: Chooser) => OverrideChoice
  /** The choice of whoever is in no percentage. */
  readonly outside: OverrideChoice
  /** Some of the choices that requests make, for warming; all of them where they are few. */
  readonly choices: readonly OverrideChoice[]
}

/** Choices that are kept; `n` labels with a percentage of their own make 2^n of them. */
const MAX_CHOICES = 1_000
const MAX_WARMED = 8

/**
 * Makes the rollout of one supergraph.
 *
 * A caller's side is a hash of its key, so it is the same for every request and in every instance, and whoever is in
 * at 5 % is in at 10 %. Names with a percentage of their own are drawn independently of each other.
 */
export function createRollout(
  options: OverridesOptions,
  { supergraph, logger }: { readonly supergraph: Supergraph; readonly logger: Logger },
): Rollout {
  const { names, percentages } = overrideLabels(supergraph.schema)
  const unknown = Object.keys(options.labels).filter((label) => !names.has(label))
  if (unknown.length > 0) {
    logger.warn({ labels: unknown }, 'The supergraph has no @override with these labels.')
  }
  if (names.size === 0 && percentages.size === 0)
    return { choose: () => NO_OVERRIDES, outside: NO_OVERRIDES, choices: [NO_OVERRIDES] }

  const thresholds = [...new Set(percentages.values())].sort((a, b) => a - b)
  const shares = [...names].map((name) => ({ name, share: shareOf(options.labels[name]) }))
  const certain = shares.filter(({ share }) => share === 100).map(({ name }) => name)
  const drawn = shares.filter(({ share }) => share > 0 && share < 100)
  const known = new LRUCache<string, OverrideChoice>({ max: MAX_CHOICES })

  /** `passed` thresholds are not reached any more; `bits` says of each drawn name whether it is active. */
  function choice(passed: number, bits: string): OverrideChoice {
    const key = `${passed}/${bits}`
    const before = known.get(key)
    if (before !== undefined) return before
    const active = drawn.filter((_, index) => bits[index] === '1').map(({ name }) => name)
    const made = { key, names: new Set([...certain, ...active]), percentage: thresholds[passed - 1] ?? 0 }
    known.set(key, made)
    return made
  }

  function choose({ principal, requestId }: Chooser): OverrideChoice {
    const seed = options.stickTo === 'principal' ? principal.key : requestId
    const place = percentile(seed)
    let bits = ''
    for (const { name, share } of drawn) bits += percentile(`${seed} ${name}`) < share ? '1' : '0'
    return choice(thresholds.filter((threshold) => threshold <= place).length, bits)
  }

  const choices: OverrideChoice[] = []
  for (let passed = 0; passed <= thresholds.length; passed += 1) {
    for (let bits = 0; bits < 2 ** drawn.length && choices.length < MAX_WARMED; bits += 1) {
      choices.push(choice(passed, drawn.length === 0 ? '' : bits.toString(2).padStart(drawn.length, '0')))
    }
  }
  return { choose, outside: choice(thresholds.length, '0'.repeat(drawn.length)), choices }
}

function shareOf(setting: boolean | number | undefined): number {
  if (typeof setting === 'number') return setting
  return setting === true ? 100 : 0
}

/** A number from 0 up to 100 that looks random but is the same for the same text: FNV-1a, mixed once more. */
function percentile(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100
}
