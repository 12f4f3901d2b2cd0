/** The guide to usage and quotas: what it shows works as it says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { validateConfig } from '../../../src/config/load.js'
import { USAGE_MEASURES } from '../../../src/kernel/usage.js'
import { createRecordingSubgraph, startGateway, stopAfterEach } from '../../support/embedded-gateway.js'
import { getJson } from '../../support/graphql-client.js'
import { createSignedIn } from '../../support/signed-in.js'
import { ROOT } from '../../support/shop.js'

stopAfterEach()

const TEXT = readFileSync(join(ROOT, 'docs/guides/usage.md'), 'utf8')
const [keeping = '', quotas = ''] = [...TEXT.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text)
const tableRows = [...TEXT.matchAll(/^\| `(.*?)` +\|/gm)].map(([, name]) => name)

describe('the guide to usage', () => {
  it('has configs that are valid', () => {
    expect(validateConfig(parse(keeping), {}).usage).toMatchObject({
      ...{ enabled: true, databaseUrl: '', directory: '.data/usage', retentionDays: 400 },
    })
    expect(validateConfig(parse(quotas), {}).usage).toMatchObject({
      quotas: { free: { requestsPerMonth: 100_000 }, pro: { costPerMonth: 20_000_000 }, enterprise: {} },
    })
  })

  it('names every column that there is', () => {
    expect(tableRows.slice(0, USAGE_MEASURES.length + 3)).toEqual([
      ...['tenant', 'caller', 'operation'],
      ...USAGE_MEASURES,
    ])
  })

  it('has a request and an export that fit each other, and headers as they are', async () => {
    const [, body = ''] = /-d '(\{"query".*?\})'/.exec(TEXT) ?? []
    const [, path = ''] = /http:\/\/127\.0\.0\.1:4010(\/\S+?)'/.exec(TEXT) ?? []
    const { issuer, createToken } = createSignedIn()
    const typeDefs = `
      type Query { products(first: Int): Products }
      type Products { nodes: [Product] }
      type Product { name: String }`
    const { url } = await createRecordingSubgraph({ products: { nodes: [{ name: 'A' }] } })
    const config = {
      identity: { issuers: [issuer] },
      usage: { enabled: true, quotas: { free: { requestsPerMonth: 2, costPerMonth: 10 } } },
    }
    const gateway = await startGateway({ own: { url, typeDefs } }, { config })
    const ask = () =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${createToken()}` },
        body,
      })
    expect((await ask()).status).toBe(200)
    const last = await ask()
    const named = [...TEXT.matchAll(/`(X-Quota-[\w-]+)/g)].map(([, name = '']) => name)
    for (const name of named) expect([name, last.headers.get(name)]).toEqual([name, expect.any(String)])
    const refused = await ask()
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])

    const csv = await (await fetch(`${gateway.adminUrl}${path}`)).text()
    expect(csv.split('\r\n')[2]).toMatch(/^[\d-]{10},acme,user,Names,2,/)
    const { body: lines } = await getJson(`${gateway.adminUrl}/usage?from=2020-01&by=month`)
    expect(lines).toHaveLength(2)
  })
})
