import { expect, it } from '@jest/globals'
import { cpSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { describeWithShop } from '../../support/describe-with-shop.js'
import { eventually } from '../../support/eventually.js'
import { askGraphql, getJson } from '../../support/graphql-client.js'
import { ROOT, type Shop } from '../../support/shop.js'

const FIELDS = '{ product(id: "p-1") { name shippingEstimate { amount } } }'
const SUBGRAPHS = ['user', 'order', 'product'] as const

const urlOf = (shop: Shop, name: (typeof SUBGRAPHS)[number]) =>
  `http://127.0.0.1:${String(shop.subgraphs[name].port)}/graphql`

/** Writes a config with the shop's subgraphs and the given source of the supergraph. */
function writeConfig(shop: Shop, supergraph: object): string {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'gateway.yaml')
  const config = {
    supergraph: { pollIntervalSeconds: 0.2, ...supergraph },
    identity: { anonymous: { tenant: 'acme' } },
    upstream: {
      signing: { secret: '${env.GATEWAY_SIGNING_SECRET}' },
      subgraphs: Object.fromEntries(SUBGRAPHS.map((name) => [name, { url: urlOf(shop, name) }])),
    },
    log: { level: 'info' },
  }
  writeFileSync(file, stringify(config))
  return file
}

describeWithShop('the source of the supergraph', 0, (world) => {
  it('may be a list of schemas that is composed at the start', async () => {
    const config = writeConfig(world.shop, { compose: join(ROOT, 'schema/supergraph.yaml') })
    const gateway = await world.shop.addGateway({}, config)
    expect(await askGraphql(gateway.url, FIELDS)).toMatchObject({
      status: 200,
      errors: [],
      data: { product: { name: expect.any(String) } },
    })
  })

  it('may be the running subgraphs; one that is down at the start is waited for', async () => {
    await world.shop.subgraphs.product.kill()
    const introspect = SUBGRAPHS.map((name) => ({ name, url: urlOf(world.shop, name) }))
    const gateway = await world.shop.addGateway({}, writeConfig(world.shop, { introspect }))
    const refused = await askGraphql(gateway.url, FIELDS)
    expect(refused.status).toBe(503)
    expect(refused.errors[0]?.extensions.code).toBe('SUPERGRAPH_UNAVAILABLE')
    expect(refused.header('retry-after')).toMatch(/^\d+$/)
    expect(await getJson(`${gateway.url}/health/ready`)).toMatchObject({ status: 503 })

    await world.shop.subgraphs.product.restart()
    const view = await eventually(
      () => askGraphql(gateway.url, FIELDS),
      (seen) => seen.status === 200,
    )
    expect(view.errors).toEqual([])
    expect(await getJson(`${gateway.url}/health/ready`)).toMatchObject({ status: 200 })
  })

  it('may be a file: a new one serves without a restart and without a lost request, a broken one does not', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'supergraph-')), 'supergraph.graphql')
    cpSync(join(ROOT, 'schema/supergraph.graphql'), file)
    const gateway = await world.shop.addGateway({}, writeConfig(world.shop, { file }))
    const replace = (text: string) => {
      writeFileSync(`${file}.new`, text)
      renameSync(`${file}.new`, file)
    }
    const sdl = readFileSync(file, 'utf8')
    const generation = async () => (await getJson(`${gateway.url}/health/ready`)).body.generation as string
    const supergraphState = async () => {
      const { body } = await getJson(`${gateway.url}/health/ready`)
      return body.dependencies.find((each: { name: string }) => each.name === 'supergraph') as {
        state: string
        detail: string
      }
    }
    const first = await generation()
    // Twice, so that it is one of the hottest operations when the next supergraph comes.
    for (let times = 0; times < 2; times += 1) await askGraphql(gateway.url, FIELDS)

    const statuses: number[] = []
    const asking = { on: true }
    const asked = (async () => {
      while (asking.on && statuses.length < 1_000)
        statuses.push((await askGraphql(gateway.url, FIELDS)).status)
    })()
    const renamed = sdl.replaceAll('weightGrams: Int!', '"In grams, packed." weightGrams: Int!')
    expect(renamed).not.toBe(sdl)
    replace(renamed)
    await eventually(generation, (id) => id !== first)
    const second = await generation()
    await gateway.process.printed(/"planned":1,[^\n]*planned the hottest operations anew/)

    replace(renamed.replace('type Query', 'type Query {'))
    await eventually(supergraphState, ({ state }) => state === 'degraded')
    expect(await generation()).toBe(second)
    await eventually(
      () => statuses.length,
      (count) => count >= 20,
    )
    asking.on = false
    await asked
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(gateway.process.output()).toMatch(/"level":"(error|warn)"[^\n]*supergraph/i)

    replace(sdl)
    await eventually(generation, (id) => id === first)
    await eventually(supergraphState, ({ state }) => state === 'up')
  })
})
