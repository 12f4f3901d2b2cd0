import { COUNTED, HOLDERS, type Holder } from './applied-limits.js'
import type { ClassOptions, MatchOptions, RequestLimitOptions } from './options.js'

/**
 * Finds callers whom a class takes from the default limits and gives none: such as anonymous ones, where all of its limits
 * are per user.
 *
 * A limit that names no number for a plan is another matter: that plan is left out in writing. `isLetIn` says which callers
 * there can be.
 */
export function findUnlimitedCallers(
  { enabled, classes }: RequestLimitOptions,
  isLetIn: (holder: Holder) => boolean,
): readonly string[] {
  if (!enabled) return []
  return classes.flatMap((each) =>
    unlimitedBy(each)
      .filter(isLetIn)
      .map(
        (holder) =>
          `The class ${each.name} leaves ${WORDS[holder]} without any limit: none of its limits is for them, and alsoDefault is false.`,
      ),
  )
}

const WORDS: Readonly<Record<Holder, string>> = {
  anonymous: 'anonymous callers',
  user: 'users',
  client: 'machines with a token',
  apiKey: 'API keys',
}

function unlimitedBy({ match, limits, alsoDefault }: ClassOptions): readonly Holder[] {
  if (alsoDefault || isOnlyAddedLater(match)) return []
  const limited = new Set(limits.flatMap(({ per }) => COUNTED[per]))
  return HOLDERS.filter((holder) => isMatched(holder, match) && !limited.has(holder))
}

function isMatched(holder: Holder, { principals, plans }: MatchOptions): boolean {
  const kind = holder === 'anonymous' || holder === 'user' ? holder : 'machine'
  if (principals.length > 0 && !principals.includes(kind)) return false
  return plans.length === 0 || plans.some((plan) => (plan === 'anonymous') === (holder === 'anonymous'))
}

/** Whether such requests are found to be of the class when another one, or the default, has counted them. */
function isOnlyAddedLater({ frontEnds, operations, endpoints }: MatchOptions): boolean {
  const isParsedFirst = endpoints.length === 0 && frontEnds.length > 0 && !frontEnds.includes('bff')
  return isParsedFirst && operations.length > 0 && !operations.includes('query')
}
