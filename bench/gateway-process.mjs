/** One gateway under measurement: started on a port that was free, stopped for certain. */
import { spawn } from 'node:child_process'
import { mkdirSync, openSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { cpuMicroseconds } from './measure/processes.mjs'
import { pinned, results, runDirectory } from './world.mjs'

const START_TIMEOUT_MS = 60_000
const alive = new Set()

process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

export async function startGateway(target, options) {
  const port = await freePort()
  mkdirSync(join(results, 'logs'), { recursive: true })
  const log = openSync(join(results, 'logs', `${target.name}.log`), 'w')
  const [command, ...rest] = pinned(1, [options.node, ...options.nodeFlags, ...target.arguments(port)])
  const child = spawn(command, rest, {
    cwd: runDirectory,
    // Standard output is where access logs go: written, and thrown away by the kernel.
    stdio: ['ignore', 'ignore', log],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: 'production',
      PORT: String(port),
      ...target.environment,
    },
  })
  alive.add(child)
  child.once('exit', () => alive.delete(child))
  try {
    await untilListening(child, port)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  // Whoever answers on the port must be the process whose time is counted.
  if (cpuMicroseconds(child.pid) === 0) throw new Error('the process used no CPU while starting')
  return { port, pid: child.pid, stop: () => stop(child) }
}

/** A port nobody listens on. The kernel does not give it out again so soon. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  if (await isListening(port)) throw new Error(`Port ${port} is taken.`)
  return port
}

async function untilListening(child, port) {
  const giveUp = Date.now() + START_TIMEOUT_MS
  while (!(await isListening(port))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error('it ended while starting; see its log')
    if (Date.now() > giveUp) throw new Error('it did not listen within a minute')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function isListening(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

async function stop(child) {
  if (!alive.has(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
  await ended
  clearTimeout(timer)
}
