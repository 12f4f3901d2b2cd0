import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** A process of the product, as a test starts, watches and ends it. */
export interface TestProcess {
  readonly pid: number
  /** Everything it has printed so far, standard output and standard error in order of arrival. */
  readonly output: () => string
  /** Settles when `pattern` has been printed; fails when the process ends first. */
  readonly printed: (pattern: RegExp, withinMs?: number) => Promise<RegExpMatchArray>
  readonly signal: (signal: NodeJS.Signals) => void
  /** Settles with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>
  /** SIGTERM, then SIGKILL when it does not go. For the end of a test. */
  readonly stop: () => Promise<void>
}

export interface ProcessOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Starts a command with a clean environment plus `env`, so that nothing of the machine decides a test. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): TestProcess {
  const { PATH, HOME, TMPDIR } = process.env
  const child = spawn(command, [...args], {
    cwd: options.cwd,
    env: { PATH, HOME, TMPDIR, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  }
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  return {
    pid: child.pid ?? 0,
    output: () => output,
    exited,
    signal: (signal) => void child.kill(signal),
    stop: () => stop(child, exited),
    printed: (pattern, withinMs = 60_000) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          clearTimeout(patience)
          listeners.delete(look)
          act()
        }
        const look = () => {
          const match = pattern.exec(output)
          if (match !== null) settle(() => resolve(match))
        }
        const fail = (why: string) =>
          settle(() => reject(new Error(`${why} before ${String(pattern)}:\n${output}`)))
        const patience = setTimeout(() => fail(`${String(withinMs)} ms went by`), withinMs)
        listeners.add(look)
        void exited.then((code) => fail(`${command} ended with ${String(code)}`))
        look()
      }),
  }
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const patience = setTimeout(() => child.kill('SIGKILL'), 8_000)
  await exited
  clearTimeout(patience)
}
