import type { Identified, Received } from '../../kernel/contexts.js'
import { andThenWith, followedBy, type Stage } from '../../kernel/stage.js'
import { withPrincipal } from '../with-principal.js'
import type { Enrichment } from './enrichment.js'

/** The identify stage with facts added to the principal, whatever his credential; anonymous callers have none. */
export function withEnrichment(
  stage: Stage<Received, Identified>,
  enrichment: Enrichment,
): Stage<Received, Identified> {
  return followedBy(stage, (context) => {
    if (context.principal.kind === 'anonymous') return context
    return andThenWith(enrichment.of(context.principal), withPrincipal, context)
  })
}
