import type { FrontEnd, Identified } from '../kernel/contexts.js'
import type { OperationRecord } from '../kernel/operation.js'
import { applyLimits, type AppliedTable, type NamedLimits } from './applied-limits.js'
import { matchesRoute, toFitsRequest, type FitsRequest, type NamesTrusted } from './match-class.js'
import type { ClassOptions, LimitOptions, MatchOptions, RequestLimitOptions } from './options.js'

/** A class of requests, worked out. */
interface RequestClass {
  readonly match: MatchOptions
  /** Absent: every request of the front ends and routes fits. */
  readonly fits: FitsRequest | undefined
  /** Its limits, with those of the default class where they apply as well. */
  readonly whole: AppliedTable
  /** Its limits alone. */
  readonly own: AppliedTable
}

/** Which limits apply to which request. */
export interface RequestRules {
  /** Before anything is parsed: those of the first class that it fits, or the default ones. */
  readonly before: (context: Identified) => AppliedTable
  /**
   * Once the text is parsed: those of the first class for this kind of operation; undefined where there is none, or
   * where the kind was known before.
   */
  readonly after: (context: Identified, operation: OperationRecord) => AppliedTable | undefined
  /** Whether `after` can ever find any. */
  readonly looksAfter: boolean
}

/** Works the classes of a config out. */
export function createRequestRules(options: RequestLimitOptions, namesTrusted: NamesTrusted): RequestRules {
  const usual: NamedLimits = { name: 'default', limits: [usualLimit(options), ...options.limits] }
  const usualTable = applyLimits([usual])
  const classes = [...options.classes, ...authenticationClass(options)].map((each) =>
    toClass(each, usual, namesTrusted),
  )
  const known = new Map<string, readonly RequestClass[]>()

  const classesOf = (frontEnd: FrontEnd, route: string | undefined): readonly RequestClass[] => {
    const key = route === undefined ? frontEnd : `${frontEnd} ${route}`
    let found = known.get(key)
    if (found === undefined) {
      found = classes.filter(({ match }) => matchesRoute(match, frontEnd, route ?? ROUTES[frontEnd]))
      known.set(key, found)
    }
    return found
  }
  return {
    before: (context) => {
      const candidates = classesOf(context.frontEnd, context.route)
      if (candidates.length === 0) return usualTable
      const kind = kindBefore(context)
      return candidates.find(({ fits }) => fits === undefined || fits(context, kind))?.whole ?? usualTable
    },
    after: (context, operation) => {
      if (context.frontEnd === 'oauth' || kindBefore(context) !== undefined) return undefined
      const candidates = classesOf(context.frontEnd, context.route)
      const found = candidates.find(
        ({ match, fits }) => match.operations.length > 0 && fits?.(context, operation.type) === true,
      )
      return found?.own
    },
    looksAfter: classes.some(({ match }) => match.operations.length > 0),
  }
}

/** Where a front end has but one route. */
export const ROUTES: Readonly<Partial<Record<FrontEnd, string>>> = {
  graphql: '/graphql',
  oauth: '/oauth/token',
}

/** What is known of the operation before anything is parsed: a stored one is, and GET is for queries. */
function kindBefore({ stored, request, frontEnd }: Identified): OperationRecord['type'] | undefined {
  if (stored !== undefined) return stored.type
  return request.readOnly && frontEnd !== 'oauth' ? 'query' : undefined
}

function usualLimit({ perWindow, windowSeconds, algorithm, burst, onStoreFailure }: RequestLimitOptions) {
  const limit: LimitOptions = {
    per: 'caller',
    limit: perWindow,
    windowSeconds,
    algorithm,
    burst,
    onStoreFailure,
  }
  return limit
}

function authenticationClass({ authentication }: RequestLimitOptions): readonly ClassOptions[] {
  const { enabled, limit, windowSeconds, onStoreFailure } = authentication
  if (!enabled) return []
  return [
    {
      name: 'authentication',
      match: { ...NOTHING_ASKED, frontEnds: ['oauth'] },
      limits: [{ per: 'address', limit, windowSeconds, onStoreFailure, algorithm: 'slidingWindow' }],
      alsoDefault: true,
    },
  ]
}

const NOTHING_ASKED: MatchOptions = {
  frontEnds: [],
  routes: [],
  endpoints: [],
  operations: [],
  clients: [],
  plans: [],
  principals: [],
  documents: [],
}

function toClass(
  { name, match, limits, alsoDefault }: ClassOptions,
  usual: NamedLimits,
  namesTrusted: NamesTrusted,
): RequestClass {
  const own = { name, limits }
  return {
    match,
    fits: toFitsRequest(match, namesTrusted),
    whole: applyLimits(alsoDefault ? [own, usual] : [own]),
    own: applyLimits([own]),
  }
}
