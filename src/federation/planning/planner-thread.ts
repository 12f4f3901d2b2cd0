import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { PlanningInterrupted } from './planning-interrupted.js'
import { withinTime } from './within-time.js'

export interface PlannerThreadOptions {
  /** The thread's code, in JavaScript. */
  readonly entry: URL
  readonly data: unknown
  /** Most memory of the thread's heap, in MiB; where it needs more it dies, and not the process. */
  readonly memoryMb: number
  /** How long the thread may take until it can be asked, in milliseconds. */
  readonly startMs: number
}

/** What a thread says first: that it can be asked, or why it never will. */
export interface Readiness {
  readonly refusal?: string
}

/**
 * A worker thread that answers one question at a time.
 *
 * It is started when it is first needed, and again after it died or was ended for taking too long. It keeps the
 * process alive only while somebody waits for it.
 */
export class PlannerThread {
  readonly #options: PlannerThreadOptions
  #worker: Worker | undefined
  #starting: Promise<void> | undefined
  /** With those that are about to end. */
  readonly #living = new Set<Worker>()
  #isClosed = false

  constructor(options: PlannerThreadOptions) {
    this.#options = options
  }

  /** Waits until the thread can be asked; rejects with an Error that holds its refusal, or PlanningInterrupted. */
  async ready(): Promise<void> {
    this.#assertOpen()
    this.#starting ??= this.#start()
    await this.#starting
  }

  /** Asks the thread, which is ended when `signal` aborts; rejects with PlanningInterrupted where it dies. */
  async ask(question: unknown, signal: AbortSignal): Promise<unknown> {
    const worker = this.#worker
    if (worker === undefined) throw new PlanningInterrupted('crash', 'The planner is not there.')
    const answer = this.#hear(worker, signal)
    worker.ref()
    try {
      worker.postMessage(question)
      return await answer
    } finally {
      worker.unref()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#living].map((worker) => worker.terminate()))
  }

  async #start(): Promise<void> {
    const { entry, data, memoryMb, startMs } = this.#options
    const worker = new Worker(entry, {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    })
    this.#worker = worker
    this.#living.add(worker)
    worker.once('exit', () => {
      this.#living.delete(worker)
      this.#forget(worker)
    })
    // The end of a thread that died comes some time after the news of it.
    worker.once('error', () => this.#forget(worker))
    const { refusal } = (await withinTime(startMs, (signal) => this.#hear(worker, signal))) as Readiness
    if (refusal !== undefined) {
      // Not to be started again: it would say the same.
      this.#worker = undefined
      await worker.terminate()
      throw new Error(refusal)
    }
    worker.unref()
  }

  /** The next question starts another thread. */
  #forget(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#starting = undefined
  }

  #hear(worker: Worker, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit)
        signal.removeEventListener('abort', onAbort)
        act()
      }
      const onMessage = (message: unknown): void => settle(() => resolve(message))
      const onError = (cause: unknown): void =>
        settle(() => reject(new PlanningInterrupted('crash', 'The planner died.', { cause })))
      const onExit = (code: number): void => settle(() => reject(this.#isClosed ? closed() : endedWith(code)))
      const onAbort = (): void => {
        this.#forget(worker)
        void worker.terminate()
      }
      worker.on('message', onMessage).on('error', onError).on('exit', onExit)
      signal.addEventListener('abort', onAbort)
    })
  }

  #assertOpen(): void {
    if (this.#isClosed) throw closed()
  }
}

function closed(): PlanningInterrupted {
  return new PlanningInterrupted('closed', 'The planner is closed.')
}

function endedWith(code: number): PlanningInterrupted {
  return new PlanningInterrupted('crash', `The planner's thread ended with ${code}.`)
}

/** Finds the code of a thread beside this file, or in `dist` where this file runs from its source, as in tests. */
export function threadEntry(name: string): URL {
  const beside = new URL(name, import.meta.url)
  if (existsSync(fileURLToPath(beside))) return beside
  return new URL(`../../../dist/src/federation/planning/${name}`, import.meta.url)
}
