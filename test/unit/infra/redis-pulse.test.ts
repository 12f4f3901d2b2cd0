import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createPulse } from '../../../src/infra/redis-pulse.js'

describe('the pulse of a store', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  function createWorld() {
    const world = { answers: true, pings: 0, changes: [] as boolean[], surrenders: 0 }
    const pulse = createPulse({
      ping: () => {
        world.pings += 1
        return world.answers ? Promise.resolve() : Promise.reject(new Error('Command timed out'))
      },
      onChange: (alive) => void world.changes.push(alive),
      giveUp: () => void (world.surrenders += 1),
    })
    return Object.assign(world, { pulse })
  }

  it('takes a doubt back without a word when the ping is answered', async () => {
    const world = createWorld()
    world.pulse.suspect()
    world.pulse.suspect()
    await jest.advanceTimersByTimeAsync(0)
    expect(world).toMatchObject({ pings: 1, changes: [] })
    expect(world.pulse.isAlive()).toBe(true)
  })

  it('asks on in the background until there is an answer, and then stops', async () => {
    const world = createWorld()
    world.answers = false
    world.pulse.suspect()
    await jest.advanceTimersByTimeAsync(1_200)
    expect(world.pulse.isAlive()).toBe(false)
    expect(world).toMatchObject({ pings: 3, changes: [false] })

    world.answers = true
    await jest.advanceTimersByTimeAsync(500)
    expect(world.pulse.isAlive()).toBe(true)
    expect(world.changes).toEqual([false, true])
    await jest.advanceTimersByTimeAsync(10_000)
    expect(world.pings).toBe(4)
  })

  it('gives the socket up after four lost pings', async () => {
    const world = createWorld()
    world.answers = false
    world.pulse.suspect()
    await jest.advanceTimersByTimeAsync(1_499)
    expect(world.surrenders).toBe(0)
    await jest.advanceTimersByTimeAsync(1)
    expect(world.surrenders).toBe(1)
  })

  it('forgets everything when the connection was made anew', async () => {
    const world = createWorld()
    world.answers = false
    world.pulse.suspect()
    await jest.advanceTimersByTimeAsync(0)
    world.pulse.reset()
    expect(world.pulse.isAlive()).toBe(true)
    await jest.advanceTimersByTimeAsync(5_000)
    expect(world.pings).toBe(1)
  })

  it('does not hear a ping of the connection before', async () => {
    const world = createWorld()
    world.answers = false
    world.pulse.suspect()
    world.pulse.reset()
    await jest.advanceTimersByTimeAsync(5_000)
    expect(world).toMatchObject({ pings: 1, changes: [] })
  })
})
