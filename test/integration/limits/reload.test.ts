/** Config files that change under two gateway processes over one Redis: costs, buckets and quotas, as clients see them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import type { ServedGraph } from '../../support/serve.js'
import { createSignedIn } from '../../support/signed-in.js'
import { describeWithRedis } from '../../support/start-redis.js'
import { closePairsAfterEach, startPair } from './gateway-pair.js'

closePairsAfterEach()

const { issuer, createToken } = createSignedIn()

async function createWorld(changing: object) {
  const configOf = (changed: object) => ({ identity: { issuers: [issuer] }, ...changed })
  const { gateways, configText } = await startPair(configOf(changing))
  const token = createToken({ plan: 'free' })
  const ask = async (gateway: number, n = 2) => {
    const view = await askGraphql(gateways[gateway]?.url ?? '', `{ items(first: ${n}) { id } }`, { token })
    return {
      code: view.errors[0]?.extensions.code,
      left: Number(/"cost";r=(\d+)/.exec(view.header('ratelimit') ?? '')?.[1]),
      wait: Number(view.header('retry-after')),
      quotaLeft: Number(view.header('x-quota-remaining')),
    }
  }
  const reload = async (gateway: number, changed: object) => {
    const { folder, adminUrl } = gateways[gateway] as ServedGraph
    writeFileSync(join(folder, 'gateway.yaml'), configText(configOf(changed)))
    const response = await fetch(`${adminUrl}/reload`, { method: 'POST' })
    return { status: response.status, body: await response.json() }
  }
  const reloadBoth = async (changed: object) => {
    for (const gateway of [0, 1]) {
      expect(await reload(gateway, changed)).toMatchObject({ status: 200, body: { restartNeeded: [] } })
    }
  }
  return { ask, reload, reloadBoth }
}

/** A bucket that fills by one in an hour. */
const costOf = (maximum: number, burst: number, more: object = {}) => ({
  limits: {
    cost: {
      mode: 'enforce',
      maximum: { free: maximum },
      bucket: {
        enabled: true,
        windowSeconds: 3_600,
        perWindow: { free: 1 },
        burst: { free: burst },
        ...more,
      },
    },
  },
})

describeWithRedis('a changed config file', () => {
  it('changes what operations may cost, and buckets go on over Redis', async () => {
    const { ask, reload, reloadBoth } = await createWorld(costOf(2, 20))
    // Each asks for as much as it gets, so that nothing is given back.
    for (const left of [18, 16, 14]) expect((await ask(left % 4 === 0 ? 0 : 1)).left).toBe(left)
    await reloadBoth(costOf(3, 30, { windowSeconds: 86_400 }))
    expect((await ask(0)).left).toBe(22)
    expect((await ask(1, 4)).code).toBe('COST_ESTIMATED_TOO_EXPENSIVE')

    await reloadBoth(costOf(2, 4))
    // Eight were taken of four: nothing is left and nothing owed, and both know.
    for (const gateway of [0, 1]) {
      const { code, left, wait } = await ask(gateway)
      expect({ code, left }).toEqual({ code: 'REQUEST_RATE_LIMITED', left: 0 })
      expect(wait).toBeLessThan(3 * 3_600)
    }

    const { status, body } = await reload(0, costOf(9, 8))
    expect([status, body.code, body.findings.length]).toEqual([409, 'RELOAD_REFUSED', 1])
    expect((await ask(0, 3)).code).toBe('COST_ESTIMATED_TOO_EXPENSIVE')
  })

  it('gives a quota where there was none, that both gateways share', async () => {
    const usage = { enabled: true, flushIntervalMs: 300_000, directory: 'usage' }
    const quota = { quotas: { free: { requestsPerMonth: 10_000 } } }
    const { ask, reload } = await createWorld({ usage })
    for (let times = 0; times < 20; times += 1) await ask(0)
    expect(await reload(0, { usage: { ...usage, ...quota, retentionDays: 90 } })).toMatchObject({
      status: 200,
      body: {
        changed: ['usage.quotas.free.requestsPerMonth'],
        restartNeeded: ['usage.retentionDays'],
      },
    })
    /** What a gateway knows of beside what it was asked since its reload. */
    const beside = (gateway: number) => {
      let asked = 0
      return async () => {
        asked += 1
        return 10_000 - asked - (await ask(gateway)).quotaLeft
      }
    }
    // What was counted while there was no quota is part of it, written or not. What comes before the first total is known
    // may be missing.
    await eventually(beside(0), (requests) => requests > 15)
    await reload(1, { usage: { ...usage, ...quota } })
    await eventually(beside(1), (requests) => requests > 15)
  })
})
