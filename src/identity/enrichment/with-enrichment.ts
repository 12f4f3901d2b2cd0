import type { Identified, Received } from '../../kernel/contexts.js'
import { isPromise, type Stage } from '../../kernel/stage.js'
import type { Enrichment } from './enrichment.js'

/** The identify stage with facts added to the principal, whatever his credential; anonymous callers have none. */
export function withEnrichment(
  stage: Stage<Received, Identified>,
  enrichment: Enrichment,
): Stage<Received, Identified> {
  const enrich = (context: Identified): Identified | Promise<Identified> => {
    if (context.principal.kind === 'anonymous') return context
    const principal = enrichment.of(context.principal)
    return isPromise(principal)
      ? principal.then((made) => ({ ...context, principal: made }))
      : { ...context, principal }
  }
  return {
    name: stage.name,
    run: (context) => {
      const identified = stage.run(context)
      return isPromise(identified) ? identified.then(enrich) : enrich(identified)
    },
  }
}
