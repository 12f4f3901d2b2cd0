import { fork, type ChildProcess } from 'node:child_process'
import { CommandFailure } from './command-context.js'

/** A reference subgraph that runs as a process of its own, as it would in production. */
export interface SubgraphProcess {
  readonly name: string
  /** Settles with its address when it is ready; fails with one line when it ends before. */
  readonly ready: Promise<string>
  /** Asks it to stop and settles when it is gone; kills it when it does not go in time. */
  readonly stop: () => Promise<void>
}

export interface SubgraphLaunch {
  readonly name: string
  readonly modulePath: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly onProgress: (message: string) => void
  /** Called when the process ends, once it was ready, without having been asked to. */
  readonly onUnexpectedExit: (name: string) => void
}

/** What `subgraphs/kit/run-process.ts` tells its parent. */
interface SubgraphMessage {
  readonly type?: 'progress' | 'ready' | 'failed'
  readonly url?: string
  readonly message?: string
}

const STOP_PATIENCE_MS = 4_000

/** Starts a subgraph; its log goes to this process's standard error. */
export function startSubgraphProcess(launch: SubgraphLaunch): SubgraphProcess {
  const child = fork(launch.modulePath, [], {
    env: { ...launch.environment },
    stdio: ['ignore', process.stderr.fd, 'inherit', 'ipc'],
    // Ctrl-C reaches the whole group of a terminal; the demo stops its children itself, in order.
    detached: true,
  })
  let state: 'starting' | 'ready' | 'stopping' = 'starting'
  const ready = new Promise<string>((resolve, reject) => {
    const fail = (reason: string) =>
      reject(new CommandFailure(`The ${launch.name} subgraph did not start: ${reason}`))
    child.on('message', (message: SubgraphMessage) => {
      if (message.type === 'progress') launch.onProgress(message.message ?? '')
      if (message.type === 'failed') fail(message.message ?? '')
      if (message.type !== 'ready' || state !== 'starting') return
      state = 'ready'
      resolve(message.url ?? '')
    })
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code, signal) => {
      fail(`it ended with ${String(code ?? signal)}.`)
      if (state === 'ready') launch.onUnexpectedExit(launch.name)
    })
  })
  return {
    name: launch.name,
    ready,
    stop() {
      state = 'stopping'
      return stopChild(child)
    },
  }
}

function stopChild(child: ChildProcess): Promise<void> {
  const isGone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  if (isGone) return Promise.resolve()
  return new Promise((resolve) => {
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS)
    child.once('exit', () => {
      clearTimeout(patience)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
