import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.js'
import { makeSupergraph, type TestSubgraph } from './make-supergraph.js'
import { startProcess, type TestProcess } from './process.js'
import { ROOT } from './shop.js'

/** The command of this checkout, as `npm test` built it. */
export const GATEHOUSE = join(ROOT, 'dist', 'src', 'main.js')

/** `gatehouse serve` as a process over a supergraph of the test's own. */
export interface ServedGraph {
  readonly url: string
  readonly adminUrl: string
  /** Where it was started, and where its files lie. */
  readonly folder: string
  readonly process: TestProcess
  /** From the start of the process until it listened, in milliseconds. */
  readonly readyAfterMs: number
  readonly close: () => Promise<void>
}

export interface ServeOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Files that lie in the folder that it is started in. */
  readonly files?: Readonly<Record<string, string>>
  readonly arguments?: readonly string[]
}

/** Composes the subgraphs and serves them with `--supergraph FILE`, in a folder of its own. */
export async function serveGraph(
  subgraphs: readonly TestSubgraph[],
  options: ServeOptions = {},
): Promise<ServedGraph> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-serve-'))
  const files = { 'own.graphql': makeSupergraph(subgraphs).sdl, ...options.files }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const [port, adminPort] = [String(await freePort()), String(await freePort())]
  const startedAt = performance.now()
  const serve = startProcess(
    process.execPath,
    [GATEHOUSE, 'serve', '--supergraph', 'own.graphql', ...(options.arguments ?? [])],
    {
      cwd: folder,
      env: { PORT: port, ADMIN_PORT: adminPort, LOG_LEVEL: 'warn', ...options.environment },
    },
  )
  await serve.printed(/Gatehouse serves/)
  return {
    url: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    folder,
    process: serve,
    readyAfterMs: performance.now() - startedAt,
    async close() {
      await serve.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
