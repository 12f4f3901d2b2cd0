import { afterAll, beforeAll } from '@jest/globals'
import { startShop, type Shop } from './shop.js'
import { describeWithPostgres, startPostgres, type TestPostgres } from './start-postgres.js'
import { describeWithRedis, startRedis, type TestRedis } from './start-redis.js'

/** The shop with its stores, as the tests of one file share it; filled in before the first test. */
export interface ShopWorld {
  shop: Shop
  redis: TestRedis
  postgres: TestPostgres
  /** The first gateway, and the second one where there are two. */
  url: string
  otherUrl: string
}

/**
 * `describe` with the whole shop running: real Redis, real PostgreSQL, every part a process of its own.
 *
 * Skipped visibly where a server is not installed; in CI that is an error.
 */
export function describeWithShop(
  name: string,
  gateways: number,
  tests: (world: ShopWorld) => void,
  gatewayEnvironment: Readonly<Record<string, string>> = {},
): void {
  describeWithRedis(name, () => {
    describeWithPostgres('with Redis and PostgreSQL', () => {
      const world = {} as ShopWorld

      beforeAll(async () => {
        ;[world.redis, world.postgres] = await Promise.all([startRedis(), startPostgres()])
        const stores = { redisUrl: world.redis.url, databaseUrl: world.postgres.url }
        world.shop = await startShop({ gateways, ...stores, gatewayEnvironment })
        ;[world.url = '', world.otherUrl = ''] = world.shop.gateways.map((gateway) => gateway.url)
      }, 120_000)

      afterAll(async () => {
        await world.shop.close()
        await Promise.all([world.redis.stop(), world.postgres.stop()])
      }, 60_000)

      tests(world)
    })
  })
}
