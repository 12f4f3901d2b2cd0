import { describe, expect, it } from '@jest/globals'
import { Breaker, type Permit, type Verdict } from '../../../src/upstream/breaker.js'
import { upstreamOptions } from '../../../src/upstream/options.js'

function createWorld() {
  const clock = { ms: 1_000_000, now: () => clock.ms }
  const breaker = new Breaker(upstreamOptions.parse({}).breaker, clock)
  const acquire = (): Permit => {
    const permit = breaker.acquire()
    if (permit === undefined) throw new Error('refused')
    return permit
  }
  const run = (times: number, verdict: Verdict) => {
    for (let call = 0; call < times; call++) breaker.settle(acquire(), verdict)
  }
  return { clock, breaker, acquire, run }
}

describe('Breaker', () => {
  it('stays closed below twenty calls, and below half of them', () => {
    const { breaker, run } = createWorld()

    run(19, 'fault')
    expect(breaker.state).toBe('closed')

    const other = createWorld()
    other.run(21, 'success')
    other.run(20, 'fault')
    expect(other.breaker.state).toBe('closed')
    other.run(1, 'fault')
    expect(other.breaker.state).toBe('open')
  })

  it('forgets what is older than the window', () => {
    const { breaker, run, clock } = createWorld()
    run(19, 'fault')

    clock.ms += 11_000
    run(1, 'fault')

    expect(breaker.state).toBe('closed')
  })

  it('lets three probes through after five seconds and closes when all succeed', () => {
    const { breaker, run, clock, acquire } = createWorld()
    run(20, 'fault')
    clock.ms += 4_999
    expect(breaker.acquire()).toBeUndefined()
    clock.ms += 1

    const probes = [acquire(), acquire(), acquire()]

    expect(breaker.acquire()).toBeUndefined()
    for (const probe of probes) breaker.settle(probe, 'success')
    expect(breaker.state).toBe('closed')
  })

  it('opens again for five seconds from the start of a failed probe', () => {
    const { breaker, run, clock, acquire } = createWorld()
    run(20, 'fault')
    clock.ms += 5_000
    const probe = acquire()
    clock.ms += 3_000

    breaker.settle(probe, 'fault')

    expect(breaker.state).toBe('open')
    clock.ms += 2_000
    expect(breaker.acquire()).toBeDefined()
  })

  it('gives the place of a probe back whose client left', () => {
    const { breaker, run, clock, acquire } = createWorld()
    run(20, 'fault')
    clock.ms += 5_000
    const probes = [acquire(), acquire(), acquire()]

    for (const probe of probes) breaker.settle(probe, 'nothing')

    expect(breaker.acquire()).toBeDefined()
    expect(breaker.state).toBe('half-open')
  })

  it('does not count what started before it opened', () => {
    const { breaker, run, clock, acquire } = createWorld()
    const old = acquire()
    run(20, 'fault')
    clock.ms += 5_000
    acquire()

    breaker.settle(old, 'fault')

    expect(breaker.state).toBe('half-open')
  })
})
