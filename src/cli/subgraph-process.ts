import { fork, type ChildProcess } from 'node:child_process'
import { CommandFailure } from './command-context.js'

/** A reference subgraph that runs as a process of its own, as it would in production. */
export interface SubgraphProcess {
  readonly name: string
  readonly url: string
  /** Asks it to stop and settles when it is gone; kills it when it does not go within five seconds. */
  readonly stop: () => Promise<void>
}

export interface SubgraphLaunch {
  readonly name: string
  readonly modulePath: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly onProgress: (message: string) => void
  /** Called when the process ends without having been asked to. */
  readonly onUnexpectedExit: (name: string) => void
}

const STOP_PATIENCE_MS = 4_000

/** Starts a subgraph and settles when it is ready; its log goes to this process's standard error. */
export function startSubgraphProcess(launch: SubgraphLaunch): Promise<SubgraphProcess> {
  const child = fork(launch.modulePath, [], {
    env: { ...launch.environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Ctrl-C reaches the whole group of a terminal; the demo stops its children itself, in order.
    detached: true,
  })
  let stopping = false
  const stop = () => {
    stopping = true
    return stopChild(child)
  }
  return new Promise((resolve, reject) => {
    child.on('message', (message: { type?: string; url?: string; message?: string }) => {
      if (message.type === 'progress') launch.onProgress(message.message ?? '')
      if (message.type === 'ready') resolve({ name: launch.name, url: message.url ?? '', stop })
    })
    child.once('error', reject)
    child.once('exit', (code) => {
      reject(new CommandFailure(`The ${launch.name} subgraph did not start (exit code ${String(code)}).`))
      if (!stopping) launch.onUnexpectedExit(launch.name)
    })
  })
}

function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const patience = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS)
    child.once('exit', () => {
      clearTimeout(patience)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
