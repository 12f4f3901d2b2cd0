import type { FastifyHelmetOptions } from '@fastify/helmet'

const YEAR_SECONDS = 31_536_000

/**
 * The headers that tell browsers to do as little as possible with our answers.
 *
 * Data needs no scripts, frames or forms; the two pages set a policy of their own. Strict transport is promised
 * in production only, or developers would lock their localhost out.
 */
export function securityHeaders(production: boolean): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: production ? { maxAge: YEAR_SECONDS } : false,
  }
}
