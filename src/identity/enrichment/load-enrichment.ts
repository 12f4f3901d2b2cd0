import { importModule } from '../../kernel/import-module.js'
import type { Principal } from '../../kernel/principal.js'
import type { ProfileFacts } from './facts.js'

/** The default export of an operator's enrichment module. */
export type EnrichPrincipal = (
  principal: Principal,
  signal: AbortSignal,
) => ProfileFacts | undefined | Promise<ProfileFacts | undefined>

/** Loads an enrichment module; raises an Error that names it when it cannot be used. */
export async function loadEnrichment(path: string): Promise<EnrichPrincipal> {
  const exported = await importModule(path).catch((cause: unknown) => {
    throw new Error(`The enrichment module ${(cause as Error).message}`, { cause })
  })
  const enrich = exported['default']
  if (typeof enrich === 'function') return enrich as EnrichPrincipal
  throw new Error(`The enrichment module ${path} exports no function by default.`)
}
