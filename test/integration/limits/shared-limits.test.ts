/** Request limits of several gateway processes over one Redis, as their clients see them. */
import { afterEach, expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'
import { countStatus, startFleet, type LimitFleet } from './limit-fleet.js'
import { whenRedisIs } from './redis-states.js'

let redis: TestRedis | undefined
let fleet: LimitFleet | undefined

afterEach(async () => {
  redis?.resume()
  await fleet?.close()
  await redis?.stop()
})

const anonymous = (limit: number) => ({ requests: { perWindow: { anonymous: limit }, windowSeconds: 600 } })

describeWithRedis('a limit that four gateways share', () => {
  it('admits exactly 1,000 of 200 clients that come at once', async () => {
    redis = await startRedis()
    // Patient with Redis: all four and the clients share the cores of one machine here.
    fleet = await startFleet(4, redis, anonymous(1_000), { commandTimeoutMs: 5_000 })
    const answers = await fleet.ask({ clients: 200, calls: 1_400 })
    expect(answers).toHaveLength(1_400)
    expect(countStatus(answers, 200)).toBe(1_000)
    expect(countStatus(answers, 429)).toBe(400)
    // Nobody was told the same rest twice.
    const told = answers.filter(({ status }) => status === 200).map(({ remaining }) => remaining)
    expect(new Set(told).size).toBe(1_000)
  })

  it.each(['frozen', 'killed'] as const)(
    'goes on in each of them while Redis is %s, and is shared again when it is back',
    async (how) => {
      redis = await startRedis()
      fleet = await startFleet(2, redis, anonymous(400))
      const own = { redis, fleet }
      let isOver = false
      const loading = fleet.ask({ clients: 20, calls: 1_000_000, stop: () => isOver })
      try {
        if (how === 'frozen') redis.pause()
        else await redis.kill()
        await whenRedisIs('down', own.fleet.gateways)
        // By then the load has used up what each of them admits by itself.
        await eventually(
          () => own.fleet.ask({ clients: 2, calls: 2 }),
          (answers) => countStatus(answers, 429) === 2,
        )
      } finally {
        isOver = true
      }
      const answers = await loading
      expect(answers.filter(({ status }) => status !== 200 && status !== 429)).toEqual([])
      expect(countStatus(answers, 200)).toBeGreaterThan(0)
      // What was counted in Redis before, and in each of the two meanwhile.
      expect(countStatus(answers, 200)).toBeLessThanOrEqual(3 * 400)

      if (how === 'frozen') redis.resume()
      else await redis.restart()
      await whenRedisIs('up', own.fleet.gateways)
      if (how === 'killed') {
        const after = await fleet.ask({ clients: 20, calls: 500 })
        expect(countStatus(after, 200)).toBe(400)
      }
    },
  )
})
