import { isEntry, runProcess } from '../kit/run-process.js'
import { readSchema } from '../kit/schema-file.js'
import { startSubgraph } from '../kit/start-subgraph.js'
import type { RunningSubgraph, SubgraphOptions } from '../kit/subgraph-options.js'
import { createOrderLoaders } from './loaders.js'
import { createOrderResolvers } from './resolvers.js'
import { ORDER_MIGRATIONS } from './seed.js'

/** Starts the order subgraph: orders, carts and shipping. */
export async function startOrderSubgraph(options: SubgraphOptions): Promise<RunningSubgraph> {
  return startSubgraph(
    {
      name: 'order',
      portVariable: 'ORDER_PORT',
      databaseSchema: 'order_service',
      typeDefs: readSchema(import.meta.url),
      migrations: ORDER_MIGRATIONS,
      createResolvers: createOrderResolvers,
      createLoaders: createOrderLoaders,
    },
    options,
  )
}

if (isEntry(import.meta.url)) {
  await runProcess({
    name: 'order',
    portVariable: 'ORDER_PORT',
    defaultPort: 4002,
    start: startOrderSubgraph,
  })
}
