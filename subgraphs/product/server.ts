import { isEntry, runProcess } from '../kit/run-process.js'
import { readSchema } from '../kit/schema-file.js'
import { startSubgraph } from '../kit/start-subgraph.js'
import type { RunningSubgraph, SubgraphOptions } from '../kit/subgraph-options.js'
import { createProductLoaders } from './loaders.js'
import { addImageRoute } from './product-image.js'
import { productResolvers } from './resolvers.js'
import { PRODUCT_MIGRATIONS } from './seed.js'

/** Starts the product subgraph: the catalogue and its pictures. */
export async function startProductSubgraph(options: SubgraphOptions): Promise<RunningSubgraph> {
  return startSubgraph(
    {
      name: 'product',
      portVariable: 'PRODUCT_PORT',
      databaseSchema: 'product_service',
      typeDefs: readSchema(import.meta.url),
      migrations: PRODUCT_MIGRATIONS,
      createResolvers: () => productResolvers,
      createLoaders: createProductLoaders,
      addRoutes: addImageRoute,
    },
    options,
  )
}

if (isEntry(import.meta.url)) {
  await runProcess({
    name: 'product',
    portVariable: 'PRODUCT_PORT',
    defaultPort: 4003,
    start: startProductSubgraph,
  })
}
