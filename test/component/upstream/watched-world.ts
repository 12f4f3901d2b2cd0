import { setTimeout as pause } from 'node:timers/promises'
import type { Upstream } from '../../../src/upstream/index.js'
import { honest, startLyingSubgraph, type Behaviour } from './lying-subgraph.js'
import { createCall, createCaller, createWorld, type World } from './upstream-world.js'

/** What was seen of the process and of callers of another subgraph. */
export interface Sighting {
  /**
   * The longest call of a bystander, in milliseconds of processor that this process used meanwhile: on a machine that
   * is busy with something else, waiting is no sign of being held up. A collection of garbage may be among them, so
   * that a few hundred are none, either.
   */
  readonly slowestBystanderMs: number
  /** By how much memory has grown at the worst. */
  readonly grownMegabytes: number
}

export interface WatchedWorld extends World {
  readonly watch: { readonly end: () => Promise<Sighting> }
}

/** A world whose `twin` is well, asked all the time, and whose memory is looked at. */
export async function createWatchedWorld(behave: Behaviour, options: object = {}): Promise<WatchedWorld> {
  const well = await startLyingSubgraph(honest)
  const world = await createWorld(behave, { subgraphs: { twin: { url: well.url } }, ...options })
  const watch = startWatch(world.upstream)
  return {
    ...world,
    watch: {
      end: async () => {
        const seen = await watch()
        await well.close()
        return seen
      },
    },
  }
}

function startWatch(upstream: Upstream): () => Promise<Sighting> {
  const before = usedBytes()
  let slowest = 0
  let most = before
  let over = false
  const run = async () => {
    const caller = createCaller()
    while (!over) {
      const startedAt = process.cpuUsage()
      await upstream.call(createCall({ subgraph: 'twin', caller }))
      const { user, system } = process.cpuUsage(startedAt)
      slowest = Math.max(slowest, (user + system) / 1_000)
      most = Math.max(most, usedBytes())
      await pause(5)
    }
  }
  const running = run()
  return async () => {
    over = true
    await running
    return { slowestBystanderMs: slowest, grownMegabytes: (most - before) / 1_000_000 }
  }
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
