import { pathToFileURL } from 'node:url'
import { pino } from 'pino'
import { DEVELOPMENT_SIGNING_SECRET } from '../../src/contract/development-secret.js'
import { StartupFault } from './subgraph-options.js'
import type { RunningSubgraph, SubgraphOptions } from './subgraph-options.js'

export interface SubgraphProcess {
  readonly name: string
  readonly portVariable: string
  readonly defaultPort: number
  readonly start: (options: SubgraphOptions) => Promise<RunningSubgraph>
}

/** Whether the module at `moduleUrl` is what `node` was started with. */
export function isEntry(moduleUrl: string): boolean {
  const entry = process.argv[1]
  return entry !== undefined && pathToFileURL(entry).href === moduleUrl
}

/**
 * Runs a subgraph as this process: settings from the environment, an end by signal or by the parent's.
 *
 * Tells a parent with an IPC channel `{ type: 'progress', message }`, then `{ type: 'ready', url }` or
 * `{ type: 'failed', message }`. Without one it says so on stdout, a JSON line each, and failures on stderr.
 */
export async function runProcess(subgraph: SubgraphProcess): Promise<void> {
  let running: RunningSubgraph | undefined
  const stop = async (): Promise<void> => {
    // Before it is ready there is nothing to drain, and a half-prepared database is prepared anew.
    await running?.close()
    process.exit(0)
  }
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(event, () => void stop())
  try {
    running = await subgraph.start({
      ...readEnvironment(subgraph, process.env),
      onProgress: (message) => tell(subgraph.name, { type: 'progress', message }),
    })
    tell(subgraph.name, { type: 'ready', url: running.url })
  } catch (error) {
    const message = error instanceof StartupFault ? error.message : String(error)
    await tellFailure(subgraph.name, message)
    process.exit(1)
  }
}

/** Reads the settings of contract §2; a variable that is set to nothing counts as absent. */
export function readEnvironment(
  subgraph: Pick<SubgraphProcess, 'name' | 'portVariable' | 'defaultPort'>,
  environment: Readonly<Record<string, string | undefined>>,
): SubgraphOptions {
  const read = (name: string): string | undefined => environment[name] || undefined
  const [host, databaseUrl, assetUrl] = [read('HOST'), read('DATABASE_URL'), read('PUBLIC_ASSET_URL')]
  return {
    port: readPort(subgraph.portVariable, read(subgraph.portVariable), subgraph.defaultPort),
    dataDir: read('GATEHOUSE_DATA_DIR') ?? '.data',
    secret: readSecret(read('GATEWAY_SIGNING_SECRET'), read('NODE_ENV') === 'production'),
    logger: pino({ level: read('LOG_LEVEL') ?? 'info' }),
    ...(host === undefined ? {} : { host }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(assetUrl === undefined ? {} : { assetUrl: assetUrl.replace(/\/+$/, '') }),
  }
}

function readPort(variable: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new StartupFault(`${variable}: "${text}" is not a port`)
}

function readSecret(secret: string | undefined, inProduction: boolean): string {
  if (inProduction && (secret === undefined || secret === DEVELOPMENT_SIGNING_SECRET)) {
    throw new StartupFault('GATEWAY_SIGNING_SECRET: must be set to a secret of your own in production')
  }
  return secret ?? DEVELOPMENT_SIGNING_SECRET
}

type ProcessMessage =
  { readonly type: 'progress'; readonly message: string } | { readonly type: 'ready'; readonly url: string }

/** Settles when the message is out, for the process ends next. */
function tellFailure(service: string, message: string): Promise<void> {
  return new Promise((resolve) => {
    const done = () => resolve()
    if (process.send !== undefined && process.connected)
      process.send({ type: 'failed', message }, undefined, {}, done)
    else process.stderr.write(`${service} subgraph: ${message}\n`, done)
  })
}

function tell(service: string, message: ProcessMessage): void {
  if (process.send !== undefined && process.connected) process.send(message)
  else process.stdout.write(`${JSON.stringify({ service, ...message })}\n`)
}
