import { isRoute } from './match-class.js'
import type { RequestLimitOptions } from './options.js'
import { ROUTES } from './request-rules.js'

/** What the endpoints of a gateway are called and where they are. */
export interface KnownEndpoints {
  readonly names: readonly string[]
  readonly routes: readonly string[]
}

/** Finds endpoints and routes that classes name and nothing has: a class with a slip in its match limits nobody. */
export function findIdleClasses(
  { classes }: RequestLimitOptions,
  { names, routes }: KnownEndpoints,
): readonly string[] {
  const known = [...routes, ...Object.values(ROUTES)]
  return classes.flatMap(({ name, match }) => [
    ...match.endpoints
      .filter((endpoint) => !names.includes(endpoint))
      .map((endpoint) => `The class ${name} is for the endpoint ${endpoint}, which there is not.`),
    ...match.routes
      .filter((pattern) => !known.some((route) => isRoute(pattern, route)))
      .map((pattern) => `The class ${name} is for the route ${pattern}, which there is not.`),
  ])
}
