import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createPolicySchema } from '../../../src/authorization/index.js'
import { infraOptions } from '../../../src/infra/options.js'
import { createRateCounter } from '../../../src/infra/rate-counter.js'
import { createRedisConnection, type RedisConnection } from '../../../src/infra/redis-connection.js'
import { SYSTEM_CLOCK } from '../../../src/kernel/ports/clock.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { createFieldLimits } from '../../../src/limits/index.js'
import { limitsOptions } from '../../../src/limits/options.js'
import { FEDERATION_LINK, makeSupergraph, RATE_LIMIT_LINK } from '../../support/make-supergraph.js'
import { describeWithRedis, startRedis, type TestRedis } from '../../support/start-redis.js'
import { makeContext, makeOperation, makePrincipal } from '../../unit/limits/make-context.js'
import { waitUntil } from './wait-until.js'

const SEARCH = 'type Query { search: [String!]! @rateLimit(limit: 30, duration: 600) free: Int }'

describeWithRedis('@rateLimit over two instances', () => {
  let server: TestRedis
  const connections: RedisConnection[] = []
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    await Promise.all(connections.map((redis) => redis.close()))
    await server.stop()
  })

  function startInstance() {
    const options = infraOptions.parse({ redis: { url: server.url } })
    const redis = createRedisConnection(options.redis, { logger: SILENT_LOGGER })
    connections.push(redis)
    const supergraph = makeSupergraph([
      { name: 'shop', typeDefs: FEDERATION_LINK + RATE_LIMIT_LINK + SEARCH },
    ])
    const { stage } = createFieldLimits(limitsOptions.parse({}), {
      counter: createRateCounter(redis, options, SYSTEM_CLOCK),
      supergraph,
      policySchema: createPolicySchema(supergraph),
      logger: SILENT_LOGGER,
    })
    return stage
  }

  it('refuses the 31st call of one user, wherever it lands, and no other user', async () => {
    const stages = [startInstance(), startInstance()]
    await waitUntil(() => connections.every((redis) => redis.state() === 'up'))
    const operation = makeOperation('{ search free }')
    const ask = async (index: number, key: string) =>
      stages[index % 2]?.run(makeContext({ operation, principal: makePrincipal({ key }) }))

    for (let call = 0; call < 30; call += 1) {
      expect(await ask(call, 'user:acme:u-1')).toMatchObject({ denials: [] })
    }
    for (const index of [0, 1]) {
      expect(await ask(index, 'user:acme:u-1')).toMatchObject({ denials: [{ code: 'FIELD_RATE_LIMITED' }] })
      expect(await ask(index, 'user:acme:u-2')).toMatchObject({ denials: [] })
    }
  })
})
