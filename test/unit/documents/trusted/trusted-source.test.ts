/** What the source of trusted documents makes of files and of a store that change, fail and come back. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createTrustedSource, type TrustedSource } from '../../../../src/documents/index.js'
import { documentsOptions } from '../../../../src/documents/options.js'
import { eventually } from '../../../support/eventually.js'
import { createKeepingLogger, type LogLine } from '../../../support/small-server.js'
import { apolloManifest, makeFolder } from './folder.js'

const manifestOf = (...ids: string[]): string =>
  apolloManifest(ids.map((id) => ({ id, body: `query ${id} { me { id } }` })))

/** A store that does what the test wants of it. */
class Store {
  published: { revision: string; manifest: string } | undefined
  isAway = false
  /** Answers for its revision, and fails to bring the manifest. */
  isSlow = false
  asked = 0
  reads = 0

  publish(revision: string, manifest: string): void {
    this.published = { revision, manifest }
  }

  async revision(): Promise<string | undefined> {
    this.asked += 1
    if (this.isAway) throw new Error('away')
    return Promise.resolve(this.published?.revision)
  }

  async read() {
    this.reads += 1
    if (this.isAway || this.isSlow) throw new Error('Command timed out')
    return Promise.resolve(this.published)
  }

  replace = () => Promise.resolve(false)

  /** Resolves once it was asked so many more times. */
  askedAgain(times: number): Promise<unknown> {
    const until = this.asked + times
    return eventually(
      () => this.asked,
      (asked) => asked >= until,
    )
  }
}

interface World {
  readonly source: TrustedSource
  readonly store: Store
  readonly file: string
  readonly lines: readonly LogLine[]
  readonly ids: () => readonly string[]
  readonly state: () => string | undefined
}

let worlds: World[] = []
afterEach(() => {
  for (const { source } of worlds) source.stop()
  worlds = []
})

function createWorld(changes: object = {}): World {
  const file = join(makeFolder({ 'm.json': manifestOf('A') }), 'm.json')
  const { logger, lines } = createKeepingLogger()
  const store = new Store()
  const { trusted } = documentsOptions.parse({ trusted: { manifests: [file], ...changes } })
  const source = createTrustedSource(trusted, { logger, published: store })
  const world: World = {
    source,
    store,
    file,
    lines,
    ids: () => source.current().documents.map(({ id }) => id),
    state: () => source.health()[0]?.state,
  }
  worlds.push(world)
  return world
}

const untilIds = ({ ids }: World, expected: readonly string[]) =>
  eventually(ids, (seen) => seen.join() === expected.join())

describe('files', () => {
  it('that change while a gateway is still starting are read when it begins to watch', async () => {
    const world = createWorld()
    await world.source.load()
    writeFileSync(world.file, manifestOf('A', 'B'))
    world.source.watch(() => undefined)

    await untilIds(world, ['A', 'B'])
  })

  it('that change are read while the store does not bring what it has', async () => {
    const world = createWorld()
    world.store.publish('r1', manifestOf('P'))
    await world.source.load()
    expect(world.ids()).toEqual(['A', 'P'])
    world.store.publish('r2', manifestOf('Q'))
    world.store.isSlow = true
    writeFileSync(world.file, manifestOf('A', 'B'))

    await world.source.reload()

    expect(world.ids()).toEqual(['A', 'B', 'P'])
    expect(world.state()).toBe('degraded')
  })
})

describe('a publication', () => {
  it('that cannot be read at the start keeps nobody from starting, and is read later', async () => {
    const world = createWorld()
    world.store.publish('r1', manifestOf('P'))
    world.store.isSlow = true
    await world.source.load()
    expect([world.ids(), world.state()]).toEqual([['A'], 'degraded'])

    world.source.watch(() => undefined)
    await world.store.askedAgain(2)
    // One line of an outage, however often it is tried.
    const warnings = world.lines.filter(({ message }) => message.includes('cannot be read'))
    expect(warnings).toHaveLength(1)
    world.store.isSlow = false

    await untilIds(world, ['A', 'P'])
    expect(world.state()).toBe('up')
  })

  it('that is faulty is read once, and the next one is taken', async () => {
    const world = createWorld()
    await world.source.load()
    world.source.watch(() => undefined)
    world.store.publish('r1', '{')
    await world.store.askedAgain(3)
    expect([world.ids(), world.state(), world.store.reads]).toEqual([['A'], 'degraded', 1])

    world.store.publish('r2', manifestOf('P'))

    await untilIds(world, ['A', 'P'])
    expect(world.state()).toBe('up')
  })

  it('that a reload took is not taken a second time', async () => {
    const world = createWorld()
    let changes = 0
    await world.source.load()
    world.source.watch(() => (changes += 1))
    world.store.publish('r1', manifestOf('P'))
    await world.source.reload()
    await world.store.askedAgain(2)

    expect([world.ids(), changes, world.store.reads]).toEqual([['A', 'P'], 1, 1])
  })

  it('that is larger than a manifest may be is refused, and the one before goes on', async () => {
    const world = createWorld({ maxBytes: 1_024 })
    world.store.publish('r1', manifestOf('P'))
    await world.source.load()
    world.store.publish('r2', `${manifestOf('Q')}${' '.repeat(1_024)}`)

    await expect(world.source.reload()).rejects.toThrow(/published:1: It is larger than 1024 bytes/)

    expect([world.ids(), world.state()]).toEqual([['A', 'P'], 'degraded'])
  })

  it('stays when the store goes or is emptied', async () => {
    const world = createWorld()
    world.store.publish('r1', manifestOf('P'))
    await world.source.load()

    world.store.isAway = true
    await world.source.reload()
    expect([world.ids(), world.state()]).toEqual([['A', 'P'], 'degraded'])
    world.store.isAway = false
    world.store.published = undefined
    await world.source.reload()
    expect([world.ids(), world.state()]).toEqual([['A', 'P'], 'degraded'])
    world.store.publish('r2', manifestOf('Q'))
    await world.source.reload()
    expect([world.ids(), world.state()]).toEqual([['A', 'Q'], 'up'])
  })
})
