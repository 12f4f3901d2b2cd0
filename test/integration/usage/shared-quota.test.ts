/** A monthly quota that two gateway processes share, over Redis and over the store alone. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { join } from 'node:path'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import type { ServedGraph } from '../../support/serve.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'
import { makeFolder, removeFolders } from '../cli/run-gatehouse.js'
import { startUsageGateways, type UsageGateways } from './usage-gateways.js'

const quotas = { free: { requestsPerMonth: 50 } }

let world: UsageGateways
afterEach(async () => {
  await world.close()
  await removeFolders()
})

function askOf(token: string) {
  const ask = (gateway: ServedGraph) => askGraphql(gateway.url, '{ open }', { token })
  const remaining = async (gateway: ServedGraph) => Number((await ask(gateway)).header('x-quota-remaining'))
  return { ask, remaining }
}

/** Until a gateway knows of what another one has admitted: each question is a request, too. */
const untilBelow = (bound: number, ask: () => Promise<number>) => eventually(ask, (left) => left < bound)

async function spend(gateway: ServedGraph, times: number, ask: (gateway: ServedGraph) => Promise<unknown>) {
  for (let time = 0; time < times; time += 1) await ask(gateway)
}

describeWithRedis('a quota over Redis', () => {
  let redis: TestRedis
  afterEach(() => redis.stop())

  it('counts what both admitted, goes on while Redis is frozen, and is shared again after', async () => {
    redis = await startRedis()
    const directory = join(makeFolder({}), 'usage')
    world = await startUsageGateways({ directory, quotas }, { redis: { url: redis.url } })
    const [one, other] = [await world.serve(), await world.serve()]
    const { ask, remaining } = askOf(world.createToken())

    await spend(one, 20, ask)
    await untilBelow(31, () => remaining(other))
    redis.pause()
    const before = await remaining(one)
    await spend(one, 5, ask)
    // From the last total, and what was counted here since.
    expect(await remaining(one)).toBeLessThanOrEqual(before - 6)
    redis.resume()
    await untilBelow(before - 5, () => remaining(other))

    const refused = await eventually(
      () => ask(one),
      ({ status }) => status === 429,
    )
    expect(refused.errors[0]?.extensions.code).toBe('QUOTA_EXCEEDED')
    await eventually(
      () => ask(other),
      ({ status }) => status === 429,
    )
    // Redis forgets; the gateways do not.
    await redis.restart()
    await eventually(
      async () => JSON.stringify(await (await fetch(`${one.url}/health/ready`)).json()),
      (health) => /"redis","state":"up"/.test(health),
    )
    for (const gateway of [one, other]) expect((await ask(gateway)).status).toBe(429)
    const third = await world.serve()
    await eventually(
      () => ask(third),
      ({ status }) => status === 429,
    )
  })
})

describe('a quota over the store alone', () => {
  it('counts what both admitted', async () => {
    world = await startUsageGateways({ directory: join(makeFolder({}), 'usage'), quotas })
    const [one, other] = [await world.serve(), await world.serve()]
    const { ask, remaining } = askOf(world.createToken())
    await spend(one, 25, ask)
    await untilBelow(26, () => remaining(other))
    await spend(other, 25, ask)
    const refused = await eventually(
      () => ask(one),
      ({ status }) => status === 429,
    )
    expect(refused.errors[0]?.extensions.code).toBe('QUOTA_EXCEEDED')
    expect(Number(refused.header('retry-after'))).toBeGreaterThan(0)
  })
})
