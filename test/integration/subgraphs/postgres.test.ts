import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { startOrderSubgraph } from '../../../subgraphs/order/server.js'
import { describeWithPostgres, startPostgres } from '../../support/start-postgres.js'
import type { TestPostgres } from '../../support/start-postgres.js'
import { SECRET } from './ask.js'
import { describeShop } from './describe-shop.js'

describeWithPostgres('the shop on PostgreSQL', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  describeShop(async () => ({ databaseUrl: await server.createDatabase('shop') }))

  it('is filled once by three replicas that start together, and by none that starts later', async () => {
    const databaseUrl = await server.createDatabase('replicas')
    const start = () => startOrderSubgraph({ port: 0, secret: SECRET, databaseUrl })
    const replicas = await Promise.all([start(), start(), start()])
    await Promise.all(replicas.map((replica) => replica.close()))
    const counts = 'select tenant_id, count(*)::int as orders from order_service.orders group by 1 order by 1'
    const filled = [
      { tenant_id: 'acme', orders: 3200 },
      { tenant_id: 'globex', orders: 3200 },
    ]
    expect(await server.query(counts, databaseUrl)).toEqual(filled)
    await (await start()).close()
    expect(await server.query(counts, databaseUrl)).toEqual(filled)
  })

  it('holds orders whose totals are the sums of their lines', async () => {
    const url = server.url.replace(/postgres$/, 'shop')
    const wrong = await server.query(
      `select o.id from order_service.orders o
       join order_service.order_lines l on l.tenant_id = o.tenant_id and l.order_id = o.id
       group by o.tenant_id, o.id, o.total_amount
       having o.total_amount <> sum(l.quantity * l.unit_amount)`,
      url,
    )
    expect(wrong).toEqual([])
  })
})
