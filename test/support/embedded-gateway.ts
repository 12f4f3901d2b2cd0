import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach } from '@jest/globals'
import { defineEndpoint, type Endpoint } from '../../src/bff/index.js'
import { validateConfig, type LoadedConfig } from '../../src/config/load.js'
import { createGateway } from '../../src/gateway.js'
import { makeSupergraph } from './make-supergraph.js'
import { startRecordingSubgraph, type RecordingSubgraph } from './recording-subgraph.js'

export { answer, type RecordingSubgraph, type SeenRequest } from './recording-subgraph.js'

export interface EmbeddedGateway {
  readonly url: string
  readonly adminUrl: string
  readonly port: number
  /** The folder that paths of the config start from. */
  readonly folder: string
  /** Has another config read as if its file had changed, by POST /reload. */
  readonly reload: (config: Config) => Promise<{ readonly status: number; readonly body: any }>
  readonly stop: () => Promise<void>
}

/** The config as it would stand in gateway.yaml, without `supergraph`. */
type Config = Readonly<Record<string, unknown>>

export interface EmbeddedOptions {
  readonly config?: Config
  /** An operation that is served at `/page`, by GET or for a mutation by POST; answers with its data as it comes. */
  readonly page?: string
  /** Endpoints whose operations lie among `files`. */
  readonly endpoints?: (folder: string) => readonly Endpoint[]
  /** Files of the config's folder. */
  readonly files?: Readonly<Record<string, string>>
}

const cleanups: (() => Promise<void>)[] = []

/** Stops every gateway and subgraph that the tests of this file started, after each test. */
export function stopAfterEach(): void {
  afterEach(stopAll)
}

/** The same once, at the end of the file: for worlds that tests share. */
export function stopAfterAll(): void {
  afterAll(stopAll)
}

async function stopAll(): Promise<void> {
  for (const stop of cleanups.splice(0).reverse()) await stop()
}

/** A recording subgraph that is stopped with the gateways. */
export async function createRecordingSubgraph(data: unknown): Promise<RecordingSubgraph> {
  const subgraph = await startRecordingSubgraph(data)
  cleanups.push(subgraph.close)
  return subgraph
}

/** Starts a whole gateway in this process, on sockets of its own, over these subgraphs. */
export async function startGateway(
  subgraphs: Readonly<Record<string, { readonly url: string; readonly typeDefs: string }>>,
  {
    config = {},
    page,
    endpoints = page === undefined ? () => [] : servePage(page),
    files = {},
  }: EmbeddedOptions = {},
): Promise<EmbeddedGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-embedded-'))
  const graph = Object.entries(subgraphs).map(([name, subgraph]) => ({ name, ...subgraph }))
  for (const [name, text] of Object.entries({
    'own.graphql': makeSupergraph(graph).sdl,
    ...(page === undefined ? {} : { 'page.graphql': page }),
    ...files,
  })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  let written = config
  const load = (): LoadedConfig => {
    const options = validateConfig(withOwnGraph(written), {})
    return { options, baseDirectory: folder, file: undefined, reread: async () => Promise.resolve(load()) }
  }
  const gateway = await createGateway(load(), { endpoints: endpoints(folder) })
  const running = await gateway.start({ host: '127.0.0.1', port: 0, adminPort: 0 })
  const stop = async () => {
    await running.stop()
    await rm(folder, { recursive: true, force: true })
  }
  cleanups.push(stop)
  return {
    url: running.url,
    adminUrl: running.adminUrl ?? '',
    port: Number(new URL(running.url).port),
    folder,
    reload: async (changed) => {
      written = changed
      const response = await fetch(`${running.adminUrl ?? ''}/reload`, { method: 'POST' })
      return { status: response.status, body: await response.json() }
    },
    stop,
  }
}

function servePage(operation: string): (folder: string) => readonly Endpoint[] {
  return (folder) => [
    defineEndpoint({
      module: pathToFileURL(join(folder, 'page.js')).href,
      method: operation.startsWith('mutation') ? 'POST' : 'GET',
      path: '/page',
      summary: 'A page.',
      present: (data) => data,
    }),
  ]
}

function withOwnGraph(config: Config): Config {
  return {
    log: { level: 'silent' },
    ...config,
    server: { idleDrainMs: 0, ...(config['server'] as object | undefined) },
    supergraph: { file: 'own.graphql', watch: false },
  }
}
