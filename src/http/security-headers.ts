import helmet, { type FastifyHelmetOptions } from '@fastify/helmet'
import { fastify } from 'fastify'

const YEAR_SECONDS = 31_536_000

/** What every answer of Fastify has without helmet. */
const NOT_OF_HELMET = new Set(['connection', 'content-length', 'content-type', 'date'])

/**
 * Asks helmet, once, for the headers that tell browsers to do as little as possible with our answers.
 *
 * They are the same for every request, so no request should pay for helmet's hooks: a server that nobody ever
 * sees answers once, and its headers are kept.
 */
export async function renderSecurityHeaders(production: boolean): Promise<Readonly<Record<string, string>>> {
  const app = fastify({ logger: false })
  await app.register(helmet, helmetOptions(production))
  const { headers } = await app.inject('/')
  await app.close()
  const entries = Object.entries(headers).filter(([name]) => !NOT_OF_HELMET.has(name))
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

/**
 * Data needs no scripts, frames or forms; the two pages set a policy of their own. Strict transport is promised
 * in production only, or developers would lock their localhost out.
 */
function helmetOptions(production: boolean): FastifyHelmetOptions {
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
