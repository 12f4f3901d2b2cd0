import { parse } from 'graphql'
import type { Supergraph } from '../../kernel/supergraph.js'
import { ENFORCED_FEATURES } from './check-features.js'
import { linkedFeatures } from '../../kernel/linked-features.js'

/**
 * The copy of the SDL for Apollo's libraries: without `for: SECURITY` on the features that we enforce ourselves.
 *
 * They refuse the full one, and enforce nothing of the copy. It is always derived from the SDL that the policy is
 * compiled from, so the pair cannot part; features that nobody enforces keep their mark and stay refused.
 */
export function toGatewaySdl(supergraph: Pick<Supergraph, 'sdl'>): string {
  const { sdl } = supergraph
  const marks = linkedFeatures(parse(sdl))
    .filter((feature) => ENFORCED_FEATURES.has(feature.identity))
    .flatMap((feature) => feature.directive.arguments ?? [])
    .filter((argument) => argument.name.value === 'for')
    .flatMap((argument) => (argument.loc ? [argument.loc] : []))
  let copy = ''
  let end = 0
  for (const mark of marks) {
    copy += sdl.slice(end, mark.start)
    end = mark.end
  }
  // What is left of `@link(url: "…", )` is valid: commas are white space (GraphQL specification §2.1.5).
  return copy + sdl.slice(end)
}
