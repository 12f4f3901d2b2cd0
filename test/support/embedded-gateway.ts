import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach } from '@jest/globals'
import type { Endpoint } from '../../src/bff/index.js'
import { validateConfig } from '../../src/config/load.js'
import { createGateway } from '../../src/gateway.js'
import { makeSupergraph } from './make-supergraph.js'

/** A request as a subgraph saw it, every line of its head in order. */
export interface SeenRequest {
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** A subgraph of the test's own on a real socket, which keeps what it sees. */
export interface RecordingSubgraph {
  readonly url: string
  readonly seen: SeenRequest[]
  /** Says how to answer; by default with what `createRecordingSubgraph` was given. */
  behave: (response: ServerResponse, request: SeenRequest) => void
}

export interface EmbeddedGateway {
  readonly url: string
  readonly adminUrl: string
  readonly port: number
  /** The folder that paths of the config start from. */
  readonly folder: string
  readonly stop: () => Promise<void>
}

export interface EmbeddedOptions {
  /** The config as it would stand in gateway.yaml, without `supergraph`. */
  readonly config?: Readonly<Record<string, unknown>>
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

export async function createRecordingSubgraph(data: unknown): Promise<RecordingSubgraph> {
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { headers, rawHeaders } = request
      const one = { headers, rawHeaders, body: Buffer.concat(chunks).toString() }
      seen.push(one)
      subgraph.behave(response, one)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const subgraph: RecordingSubgraph = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/graphql`,
    seen,
    behave: (response) => answer(response, data),
  }
  return subgraph
}

/** Answers with data, and with headers where the test wants some. */
export function answer(
  response: ServerResponse,
  data: unknown,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ data }))
}

/** Starts a whole gateway in this process, on sockets of its own, over these subgraphs. */
export async function startGateway(
  subgraphs: Readonly<Record<string, { readonly url: string; readonly typeDefs: string }>>,
  { config = {}, endpoints = () => [], files = {} }: EmbeddedOptions = {},
): Promise<EmbeddedGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-embedded-'))
  const graph = Object.entries(subgraphs).map(([name, subgraph]) => ({ name, ...subgraph }))
  for (const [name, text] of Object.entries({ 'own.graphql': makeSupergraph(graph).sdl, ...files })) {
    writeFileSync(join(folder, name), text)
  }
  const written = {
    log: { level: 'silent' },
    ...config,
    server: { idleDrainMs: 0, ...(config['server'] as object | undefined) },
    supergraph: { file: 'own.graphql', watch: false },
  }
  const options = validateConfig(written, {})
  const gateway = await createGateway(
    { options, baseDirectory: folder, file: undefined },
    { endpoints: endpoints(folder) },
  )
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
    stop,
  }
}
