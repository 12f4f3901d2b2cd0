import { once } from 'node:events'
import { createServer } from 'node:net'
import { buildSubgraphSchema } from '@apollo/subgraph'
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js'
import type { FastifyInstance } from 'fastify'
import type { DocumentNode } from 'graphql'
import type { Kysely } from 'kysely'
import { pino } from 'pino'
import { toCaller } from './caller.js'
import type { Caller } from './caller.js'
import { openDatabase } from './database.js'
import { createHttpServer } from './http-server.js'
import { migrate } from './migrations.js'
import type { Migration } from './migrations.js'
import type { SubgraphContext } from './subgraph-context.js'
import { StartupFault } from './subgraph-options.js'
import type { RunningSubgraph, SubgraphOptions } from './subgraph-options.js'

const DEFAULT_HOST = '127.0.0.1'

/** What makes one subgraph different from the next. */
export interface SubgraphDefinition<Tables, Loaders> {
  readonly name: string
  /** The environment variable of its port, for the message about a taken one. */
  readonly portVariable: string
  /** Its schema in PostgreSQL: no subgraph reads another's. */
  readonly databaseSchema: string
  readonly typeDefs: DocumentNode
  readonly migrations: readonly Migration<Tables>[]
  readonly createResolvers: (db: Kysely<Tables>) => GraphQLResolverMap<SubgraphContext<Loaders>>
  readonly createLoaders: (db: Kysely<Tables>, caller: Caller) => Loaders
  /** Routes beside GraphQL, such as images. */
  readonly addRoutes?: (app: FastifyInstance) => void
}

/** Prepares the database, then listens. Fails with a {@link StartupFault} where the operator can mend it. */
export async function startSubgraph<Tables, Loaders>(
  definition: SubgraphDefinition<Tables, Loaders>,
  options: SubgraphOptions,
): Promise<RunningSubgraph> {
  const logger = (options.logger ?? pino({ level: 'silent' })).child({ service: definition.name })
  // Asked first: it is the likeliest reason not to start, and preparing a database takes seconds.
  await assertPortIsFree(definition.portVariable, options)
  const { db, close } = await openDatabase<Tables>(definition.name, { ...options, logger })
  try {
    await migrate(db, definition.databaseSchema, definition.migrations, (message) =>
      options.onProgress?.(message),
    )
    let origin = ''
    const app = await createHttpServer<Loaders>({
      name: definition.name,
      schema: buildSubgraphSchema({
        typeDefs: definition.typeDefs,
        resolvers: definition.createResolvers(db) as GraphQLResolverMap<unknown>,
      }),
      secret: options.secret,
      logger,
      createContext: (identity, requestId) => {
        const caller = toCaller(identity)
        const loaders = definition.createLoaders(db, caller)
        return { identity, caller, requestId, loaders, assetUrl: options.assetUrl ?? origin }
      },
    })
    definition.addRoutes?.(app)
    origin = await listen(app, definition.portVariable, options)
    return { url: `${origin}/graphql`, close: closeOnce(app, close) }
  } catch (error) {
    await close()
    throw error
  }
}

async function assertPortIsFree(
  portVariable: string,
  { port, host }: Pick<SubgraphOptions, 'port' | 'host'>,
): Promise<void> {
  const probe = createServer().listen({ port, host: host ?? DEFAULT_HOST })
  try {
    await once(probe, 'listening')
  } catch (error) {
    throw listenFault(portVariable, { port, host: host ?? DEFAULT_HOST }, error)
  }
  await new Promise((resolve) => probe.close(resolve))
}

function listenFault(
  portVariable: string,
  { port, host }: { readonly port: number; readonly host: string },
  error: unknown,
): StartupFault {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown fault'
  if (code === 'EADDRINUSE') return new StartupFault(`${portVariable}: port ${port} is taken`)
  return new StartupFault(`${portVariable}: cannot listen on ${host}:${port} (${code})`)
}

async function listen(app: FastifyInstance, portVariable: string, options: SubgraphOptions): Promise<string> {
  const address = { port: options.port, host: options.host ?? DEFAULT_HOST }
  try {
    return await app.listen(address)
  } catch (error) {
    await app.close()
    throw listenFault(portVariable, address, error)
  }
}

function closeOnce(app: FastifyInstance, closeDatabase: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await app.close()
    await closeDatabase()
  }
  return () => (closing ??= close())
}
