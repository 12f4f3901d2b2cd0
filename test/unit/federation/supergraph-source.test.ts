import { describe, expect, it, jest } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import type { SdlFeed } from '../../../src/federation/sources/sdl-feed.js'
import { createSnapshot, NO_SNAPSHOT, type Snapshot } from '../../../src/federation/sources/snapshot.js'
import { FeedSource } from '../../../src/federation/sources/supergraph-source.js'
import { media, shop } from './graphs.js'
import { inFolder } from './temporary-folder.js'

/** A feed that a test plays: what it says now, and when it says that something changed. */
class PlayedFeed implements SdlFeed {
  readonly kind = 'played'
  now: string | Error
  local = false
  closed = false
  change: () => void = () => undefined

  constructor(now: string | Error) {
    this.now = now
  }

  readonly isLocal = (): boolean => this.local
  readonly read = (): Promise<string> =>
    this.now instanceof Error ? Promise.reject(this.now) : Promise.resolve(this.now)
  readonly watch = (onChange: () => void): (() => void) => {
    this.change = onChange
    return () => undefined
  }
  readonly close = async (): Promise<void> => {
    this.closed = true
  }
}

interface Played {
  readonly feed: PlayedFeed
  readonly source: FeedSource
  readonly warn: jest.Mock
  /** Ids that were taken into service. */
  readonly served: string[]
  readonly take: (supergraph: Supergraph) => Promise<void>
}

function play(now: string | Error, snapshot: Snapshot = NO_SNAPSHOT, take?: Played['take']): Played {
  const feed = new PlayedFeed(now)
  const warn = jest.fn()
  const options = { watch: true, pollIntervalSeconds: 0.01, snapshot }
  const source = new FeedSource(feed, options, {
    logger: { ...SILENT_LOGGER, warn },
    clock: { now: () => Date.UTC(2026, 0, 1) },
  })
  const served: string[] = []
  const serve = async (supergraph: Supergraph): Promise<void> => {
    await take?.(supergraph)
    served.push(supergraph.id)
  }
  return { feed, source, warn, served, take: serve }
}

const AWAY = new Error('away')

describe('a supergraph source', () => {
  it('serves the first supergraph before its start is over', async () => {
    const { source, served, take, feed } = play(shop.sdl)
    expect(source.health()).toMatchObject([{ name: 'supergraph', state: 'down', required: true }])
    await source.start(take)
    expect(served).toEqual([shop.id])
    expect(source.health()).toEqual([
      {
        name: 'supergraph',
        state: 'up',
        required: true,
        detail: `${shop.id.slice(0, 12)} since 2026-01-01T00:00:00.000Z`,
      },
    ])
    await source.stop()
    expect(feed.closed).toBe(true)
  })

  it('follows changes, and does nothing for the same text', async () => {
    const { source, served, take, feed } = play(shop.sdl)
    await source.start(take)
    await source.reload()
    feed.now = media.sdl
    feed.change()
    await source.reload()
    expect(served).toEqual([shop.id, media.id])
    await source.stop()
  })

  it('refuses a bad update, says so once, and keeps the one before', async () => {
    const { source, served, take, feed, warn } = play(shop.sdl)
    await source.start(take)
    feed.now = 'type Query {'
    feed.change()
    await expect(source.reload()).rejects.toThrow('Syntax Error')
    feed.change()
    await expect(source.reload()).rejects.toThrow('Syntax Error')
    expect(warn).toHaveBeenCalledTimes(1)
    expect(source.health()[0]).toMatchObject({
      state: 'degraded',
      detail: expect.stringContaining('was refused'),
    })
    feed.now = media.sdl
    await source.reload()
    expect(served).toEqual([shop.id, media.id])
    expect(source.health()[0]?.state).toBe('up')
    await source.stop()
  })

  it('keeps the one before when the new one is not taken', async () => {
    const refuse = async (supergraph: Supergraph): Promise<void> => {
      if (supergraph.id === media.id) throw new Error('no policy')
    }
    const { source, served, take, feed, warn } = play(shop.sdl, NO_SNAPSHOT, refuse)
    await source.start(take)
    feed.now = media.sdl
    await expect(source.reload()).rejects.toThrow('no policy')
    expect(served).toEqual([shop.id])
    const logged = new Promise((resolve) => warn.mockImplementation(resolve))
    feed.now = AWAY
    feed.change()
    await logged
    expect(source.health()[0]).toMatchObject({
      state: 'degraded',
      detail: expect.stringContaining('cannot be read'),
    })
    await source.stop()
  })

  it('goes on trying where others are away at the start', async () => {
    let served: (id: string) => void = () => undefined
    const first = new Promise((resolve) => (served = resolve))
    const { source, feed, take } = play(AWAY, NO_SNAPSHOT, async ({ id }) => served(id))
    await source.start(take)
    expect(source.health()[0]?.state).toBe('down')
    feed.now = shop.sdl
    expect(await first).toBe(shop.id)
    await source.stop()
  })

  it('rejects what is to be mended on this machine', async () => {
    const { source, feed, take } = play(AWAY)
    feed.local = true
    await expect(source.start(take)).rejects.toThrow('away')
    await source.stop()
  })

  it('takes supergraphs into service one by one', async () => {
    let underway = 0
    const { source, feed, take, served } = play(shop.sdl, NO_SNAPSHOT, async () => {
      underway += 1
      expect(underway).toBe(1)
      await new Promise(setImmediate)
      underway -= 1
    })
    const starting = source.start(take)
    feed.now = media.sdl
    await Promise.all([starting, source.reload(), source.reload()])
    expect(served).toEqual([media.id])
    await source.stop()
  })

  it('keeps the last good supergraph and starts from it while the source is away', async () => {
    await inFolder({}, async (folder) => {
      const path = join(folder, 'state', 'snapshot.graphql')
      const before = play(shop.sdl, createSnapshot(path))
      await before.source.start(before.take)
      await before.source.stop()
      expect(await readFile(path, 'utf8')).toBe(shop.sdl)

      const after = play(AWAY, createSnapshot(path))
      await after.source.start(after.take)
      expect(after.served).toEqual([shop.id])
      expect(after.source.health()[0]?.state).toBe('degraded')
      await after.source.stop()
    })
  })

  it('does not start from a snapshot that is of no use', async () => {
    const snapshot = { ...NO_SNAPSHOT, read: () => Promise.resolve('type Query {') }
    const { source, take, served } = play(AWAY, snapshot)
    await source.start(take)
    expect(served).toEqual([])
    expect(source.health()[0]?.state).toBe('down')
    await source.stop()
  })
})
