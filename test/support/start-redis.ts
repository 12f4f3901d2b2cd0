/**
 * A private Redis for one test file: own process, free loopback port, nothing kept on disk.
 *
 * Started from the `redis-server` of the machine. Where there is none, the tests are skipped and say so; in CI
 * they fail instead, so that they cannot be skipped for ever without anybody noticing.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describeWhere } from './describe-where.js'
import { freePort } from './free-port.js'

export interface TestRedis {
  readonly url: string
  readonly port: number
  /** Of the process that runs now. */
  readonly pid: () => number
  /** Freezes the process: connections stay open, nothing is answered. */
  readonly pause: () => void
  readonly resume: () => void
  /** Ends the process at once; resolves when its port is closed. */
  readonly kill: () => Promise<void>
  /** Kills it if need be and starts an empty one on the same port; resolves when that answers. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

const START_LIMIT_MS = 10_000

export async function startRedis(options: { readonly port?: number } = {}): Promise<TestRedis> {
  const port = options.port ?? (await freePort())
  let server = await launch(port)
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill('SIGKILL')
    await exited
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: () => server.pid ?? 0,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    kill,
    restart: async () => {
      await kill()
      server = await launch(port)
    },
    stop: kill,
  }
}

/** `describe` where redis-server can be run; a visible skip elsewhere, an error in CI. */
export function describeWithRedis(name: string, tests: () => void): void {
  describeWhere('redis-server', hasRedis(), name, tests)
}

function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0
}

async function launch(port: number): Promise<ChildProcess> {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', settings, { stdio: 'ignore', cwd: '/' })
  // A test run that is aborted may not leave it behind.
  process.once('exit', () => server.kill('SIGKILL'))
  const startedAt = performance.now()
  while (!(await answersPing(port))) {
    if (server.exitCode !== null)
      throw new Error(`redis-server ended with ${server.exitCode} on port ${port}.`)
    if (performance.now() - startedAt > START_LIMIT_MS) throw new Error('redis-server does not answer.')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return server
}

/** Speaks just enough of the protocol: an inline PING is answered with +PONG. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const settle = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1_000, () => settle(false))
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')))
    socket.once('error', () => settle(false))
  })
}
