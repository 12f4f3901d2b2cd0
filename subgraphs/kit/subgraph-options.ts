import type { Logger } from 'pino'

/** What it takes to start a subgraph, in this process or as its own. */
export interface SubgraphOptions {
  /** 0 takes a free port. */
  readonly port: number
  /** Where to listen; loopback unless told otherwise. */
  readonly host?: string
  /** A PostgreSQL to use; absent: an embedded one below {@link dataDir}. */
  readonly databaseUrl?: string
  /** Where the embedded database keeps its files; `memory://` keeps nothing. */
  readonly dataDir?: string
  /** Shared with the gateway: requests that were not signed with it are refused. */
  readonly secret: string
  /** What stands before the paths of images; absent: the address of this subgraph. */
  readonly assetUrl?: string
  readonly logger?: Logger
  /** Told about every SQL statement: tests count them. */
  readonly onStatement?: (sql: string) => void
  /** Told what takes time while the database is prepared. */
  readonly onProgress?: (message: string) => void
}

/** A subgraph that listens. */
export interface RunningSubgraph {
  /** The GraphQL endpoint. */
  readonly url: string
  /** Answers what is in flight, then closes the listener and the database. Safe to call twice. */
  readonly close: () => Promise<void>
}

/** Thrown when a subgraph cannot start for a reason that its operator can mend; the message is one line. */
export class StartupFault extends Error {
  override readonly name = 'StartupFault'
}
