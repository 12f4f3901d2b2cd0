/**
 * A private PostgreSQL for one test file: own process, own temporary directory, free loopback port, no password.
 *
 * Started from the server programs of the machine, as another user where the tests run as root, which PostgreSQL
 * refuses to. Where there are none, the tests are skipped and say so; in CI they fail instead.
 *
 *   const server = await startPostgres()
 *   const databaseUrl = await server.createDatabase('shop')   // a database for whoever needs one of its own
 *   await server.stop()                                       // ends it and removes its files
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describeWhere } from './describe-where.js'
import { Client } from 'pg'
import { freePort } from './free-port.js'

export interface TestPostgres {
  /** Of the database `postgres`, which is empty at the start. */
  readonly url: string
  readonly port: number
  /** Makes an empty database and returns its address. */
  readonly createDatabase: (name: string) => Promise<string>
  /** Runs one statement, in `postgres` or in the database at `url`. */
  readonly query: (statement: string, url?: string) => Promise<readonly Record<string, unknown>[]>
  readonly stop: () => Promise<void>
}

/** The user who runs the server; empty where that is whoever runs the tests. */
interface Owner {
  readonly uid?: number
  readonly gid?: number
}

const START_LIMIT_MS = 30_000
const USER = 'gatehouse'

export async function startPostgres(): Promise<TestPostgres> {
  const programs = findPrograms()
  if (programs === undefined) throw new Error('The server programs of PostgreSQL are missing.')
  const owner = process.getuid?.() === 0 ? findUnprivilegedUser() : {}
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'))
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(directory, owner.uid, owner.gid)
  initialise(programs, directory, owner)
  const port = await freePort()
  const server = launch(programs, directory, port, owner)
  const address = (database: string): string => `postgres://${USER}@127.0.0.1:${port}/${database}`
  await waitUntilReady(server, address('postgres'))
  const query: TestPostgres['query'] = (statement, url = address('postgres')) => run(url, statement)
  return {
    url: address('postgres'),
    port,
    query,
    createDatabase: async (name) => {
      await query(`create database "${name}"`)
      return address(name)
    },
    stop: async () => {
      await end(server)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** `describe` where PostgreSQL can be run; a visible skip elsewhere, an error in CI. */
export function describeWithPostgres(name: string, tests: () => void): void {
  describeWhere('PostgreSQL', findPrograms() !== undefined, name, tests)
}

/** The newest of Debian's versions, or what is on the path. */
function findPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const candidates = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  return candidates.find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )
}

function findUnprivilegedUser(): Owner {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) =>
      Number.parseInt(spawnSync('id', [flag, name]).stdout.toString()),
    )
    if (uid !== undefined && gid !== undefined && uid > 0) return { uid, gid }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user "postgres" or "nobody".')
}

function initialise(programs: string, directory: string, owner: Owner): void {
  const settings = ['-D', directory, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  const { status, stderr } = spawnSync(join(programs, 'initdb'), settings, { ...owner, cwd: directory })
  if (status !== 0) throw new Error(`initdb failed: ${stderr.toString()}`)
}

function launch(programs: string, directory: string, port: number, owner: Owner): ChildProcess {
  const settings = [
    ...['-D', directory, '-p', String(port), '-k', '', '-h', '127.0.0.1'],
    // What a test wrote need not survive the machine.
    ...['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=100'],
  ]
  const server = spawn(join(programs, 'postgres'), settings, { ...owner, cwd: directory, stdio: 'ignore' })
  // A test run that is aborted may not leave it behind.
  process.once('exit', () => server.kill('SIGQUIT'))
  return server
}

async function waitUntilReady(server: ChildProcess, url: string): Promise<void> {
  const startedAt = performance.now()
  for (;;) {
    try {
      await run(url, 'select 1')
      return
    } catch (error) {
      if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}.`)
      if (performance.now() - startedAt > START_LIMIT_MS) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function run(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  try {
    await client.connect()
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** SIGINT is PostgreSQL's fast shutdown: connections are cut, nothing is lost. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = once(server, 'exit')
  server.kill('SIGINT')
  await exited
}
