import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { ChangeWatch } from '../../../../src/identity/api-keys/change-watch.js'
import { createKeepingLogger } from '../../../support/small-server.js'
import { createFakeStore } from './fake-store.js'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

function createWatch(pollMs = 2_000) {
  const store = createFakeStore()
  const { logger, lines } = createKeepingLogger()
  const changes: (readonly string[] | 'all')[] = []
  const watch = new ChangeWatch({ store, pollMs, onChange: (changed) => changes.push(changed), logger })
  const add = (id: string) =>
    store.add({ id, name: id, tenant: 't', plan: 'free', scopes: [], createdAtMs: 0, secrets: [] })
  return { store, watch, changes, lines, add }
}

describe('the watch over changed keys', () => {
  it('tells what changed since it last asked, once per interval', async () => {
    const { watch, store, changes, add } = createWatch()
    await watch.start()
    await add('a')
    await add('b')
    await jest.advanceTimersByTimeAsync(1_999)
    expect(store.polls).toBe(1)
    await jest.advanceTimersByTimeAsync(1)
    await jest.advanceTimersByTimeAsync(10_000)
    watch.stop()
    expect(changes).toEqual(['all', ['a', 'b']])
    expect(store.polls).toBe(7)
  })

  it('goes on after failures, sooner than usual, and misses nothing', async () => {
    const { watch, store, changes, lines, add } = createWatch(10_000)
    await watch.start()
    await add('a')
    store.broken = true
    await jest.advanceTimersByTimeAsync(15_000)
    expect(watch.isAnswering).toBe(false)
    expect(watch.health()).toMatchObject({ name: 'API keys', state: 'down', required: false })
    store.broken = false
    await jest.advanceTimersByTimeAsync(1_000)
    watch.stop()
    expect(watch.health()).toEqual({ name: 'API keys', state: 'up', required: false })
    expect(changes).toEqual(['all', ['a']])
    expect(lines.map(({ message }) => message)).toEqual([
      'the store of API keys does not answer',
      'the store of API keys answers again',
    ])
  })

  it('takes a failure that somebody else saw for its own, until it has asked', async () => {
    const { watch, store } = createWatch()
    await watch.start()
    watch.suspect(new Error('no answer'))
    expect(watch.isAnswering).toBe(false)
    await watch.look()
    expect(watch.isAnswering).toBe(true)
    expect(store.polls).toBe(2)
    watch.stop()
  })

  it('starts with a store that is away', async () => {
    const { watch, store, changes } = createWatch()
    store.broken = true
    await watch.start()
    expect([watch.isAnswering, changes]).toEqual([false, []])
    store.broken = false
    await jest.advanceTimersByTimeAsync(1_000)
    watch.stop()
    expect([watch.isAnswering, changes]).toEqual([true, ['all']])
  })

  it('asks no more once it has been stopped', async () => {
    const { watch, store } = createWatch()
    await watch.start()
    watch.stop()
    await jest.advanceTimersByTimeAsync(60_000)
    expect(store.polls).toBe(1)
  })
})
