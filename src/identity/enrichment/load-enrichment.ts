import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Principal } from '../../kernel/principal.js'
import type { ProfileFacts } from './facts.js'

/** The default export of an operator's enrichment module. */
export type EnrichPrincipal = (
  principal: Principal,
  signal: AbortSignal,
) => ProfileFacts | undefined | Promise<ProfileFacts | undefined>

/** Loads an enrichment module; raises an Error that names it when it cannot be used. */
export async function loadEnrichment(path: string): Promise<EnrichPrincipal> {
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = (await import(pathToFileURL(resolve(path)).href)) as typeof exported
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The enrichment module ${path} cannot be loaded: ${reason}`, { cause })
  }
  const enrich = exported['default']
  if (typeof enrich === 'function') return enrich as EnrichPrincipal
  throw new Error(`The enrichment module ${path} exports no function by default.`)
}
