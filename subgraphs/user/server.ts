import { isEntry, runProcess } from '../kit/run-process.js'
import { readSchema } from '../kit/schema-file.js'
import { startSubgraph } from '../kit/start-subgraph.js'
import type { RunningSubgraph, SubgraphOptions } from '../kit/subgraph-options.js'
import { addAvatarRoute } from './avatar-image.js'
import { createUserLoaders } from './loaders.js'
import { userResolvers } from './resolvers.js'
import { USER_MIGRATIONS } from './seed.js'

/** Starts the user subgraph: customers, their notifications and their avatars. */
export async function startUserSubgraph(options: SubgraphOptions): Promise<RunningSubgraph> {
  return startSubgraph(
    {
      name: 'user',
      portVariable: 'USER_PORT',
      databaseSchema: 'user_service',
      typeDefs: readSchema(import.meta.url),
      migrations: USER_MIGRATIONS,
      createResolvers: () => userResolvers,
      createLoaders: createUserLoaders,
      addRoutes: addAvatarRoute,
    },
    options,
  )
}

if (isEntry(import.meta.url)) {
  await runProcess({ name: 'user', portVariable: 'USER_PORT', defaultPort: 4001, start: startUserSubgraph })
}
