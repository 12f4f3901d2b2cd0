import { createHash } from 'node:crypto'
import { buildASTSchema, parse } from 'graphql'
import type { Supergraph } from '../../kernel/supergraph.js'
import { buildApiSchema } from './api-schema.js'
import { checkFeatures } from './check-features.js'
import { linkedFeatures } from '../../kernel/linked-features.js'
import { planKeyOf } from './plan-key-of.js'
import { subgraphList } from './subgraph-list.js'

/**
 * Reads a composed supergraph, of Federation 2 or 1; throws an Error that an operator can act on.
 *
 * Whoever gets the error keeps the generation that is running.
 */
export function readSupergraph(sdl: string): Supergraph {
  const document = parse(sdl)
  const features = linkedFeatures(document)
  checkFeatures(features)
  const schema = buildASTSchema(document)
  return {
    id: supergraphId(sdl),
    sdl,
    schema,
    planKey: planKeyOf(schema),
    apiSchema: buildApiSchema(document, features),
    subgraphs: subgraphList(document, features),
  }
}

/** Hex SHA-256 of the SDL. */
export function supergraphId(sdl: string): string {
  return createHash('sha256').update(sdl).digest('hex')
}
