/** Composes the supergraph for the addresses on which the subgraphs really listen. */
import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'
import { federation2, guarded, SUBGRAPHS } from './schemas.mjs'

export function composeSupergraph(urls, { isGuarded = false } = {}) {
  const read = isGuarded ? guarded : federation2
  const { supergraphSdl, errors } = composeServices(
    Object.keys(SUBGRAPHS).map((name) => ({ name, url: urls[name], typeDefs: parse(read(name)) })),
  )
  if (errors?.length) throw new Error(`The graph does not compose: ${errors[0].message}`)
  return supergraphSdl
}
