/** docs/guides/limits.md: what it shows works as it says, on a process that is reloaded. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { parse as parseYaml, stringify } from 'yaml'
import { validateConfig } from '../../../src/config/load.js'
import { answer, createRecordingSubgraph, stopAfterEach } from '../../support/embedded-gateway.js'
import { askGraphql, type ClientRequest } from '../../support/graphql-client.js'
import { serveGraph, type ServedGraph } from '../../support/serve.js'
import { ROOT } from '../../support/shop.js'
import { createSignedIn } from '../../support/signed-in.js'

const guide = readFileSync(join(ROOT, 'docs/guides/limits.md'), 'utf8')
const examples = [...guide.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
  ([, text = '']) => parseYaml(text) as { limits: object },
)

const { issuer, createToken } = createSignedIn()

let gateway: ServedGraph

stopAfterEach()

beforeEach(async () => {
  const subgraph = await createRecordingSubgraph({})
  subgraph.behave = (response, { body }) => {
    answer(response, body.includes('mutation') ? { place: 1 } : { item: 'here' })
  }
  gateway = await serveGraph(
    [
      {
        name: 'shop',
        url: subgraph.url,
        typeDefs: 'type Query { item: String } type Mutation { place: Int }',
      },
    ],
    { files: { 'gateway.yaml': configOf({}) }, arguments: ['--config', 'gateway.yaml'] },
  )
})

afterEach(() => gateway.close())

function configOf(limits: object, more: object = {}): string {
  return stringify({ identity: { issuers: [issuer] }, limits, ...more })
}

async function reload(text: string) {
  writeFileSync(join(gateway.folder, 'gateway.yaml'), text)
  const response = await fetch(`${gateway.adminUrl}/reload`, { method: 'POST' })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const ask = (request: ClientRequest = {}, query = '{ item }') => askGraphql(gateway.url, query, request)

describe('the guide to request limits', () => {
  it('has examples that are valid', () => {
    expect(examples).toHaveLength(3)
    for (const example of examples) expect(() => validateConfig(example, {})).not.toThrow()
  })

  it('changes limits without a restart, with headers that fall to zero', async () => {
    expect((await ask()).header('ratelimit-policy')).toBe('"default";q=300;w=60')
    const { status, body } = await reload(
      configOf(examples[0]?.limits ?? {}, { server: { graphiql: false } }),
    )
    expect(status).toBe(200)
    expect(body).toMatchObject({
      changed: ['limits.requests.perWindow.anonymous', 'limits.requests.perWindow.free'],
      restartNeeded: ['server.graphiql'],
    })
    // One of the five was used before the reload.
    for (const left of ['3', '2', '1', '0']) {
      const view = await ask()
      expect([view.status, view.header('x-ratelimit-limit'), view.header('x-ratelimit-remaining')]).toEqual([
        200,
        '5',
        left,
      ])
    }
    const refused = await ask()
    expect(refused.status).toBe(429)
    const wait = Number(refused.header('retry-after'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(60)
    expect(refused.errors[0]?.extensions).toEqual({
      code: 'REQUEST_RATE_LIMITED',
      retryAfterSeconds: wait,
    })
    expect((await ask({ token: createToken({ plan: 'free' }) })).header('ratelimit')).toMatch(
      /^"default";r=9;/,
    )
    // Whoever invents where he comes from, and how, is the same caller.
    const headers = {
      'x-forwarded-for': '203.0.113.9',
      forwarded: 'for=203.0.113.9',
      'x-real-ip': '203.0.113.9',
    }
    expect((await ask({ headers })).status).toBe(429)
    const aliases = Array.from({ length: 10_000 }, (_, index) => `a${index}: item`).join(' ')
    expect((await ask({}, `{ ${aliases} }`)).status).toBe(429)
  })

  it('refuses a config that is not valid, and goes on with the one before', async () => {
    await reload(configOf(examples[0]?.limits ?? {}))
    const { status, body } = await reload(configOf({ requests: { perWindow: { free: 0 }, windowSecond: 1 } }))
    expect(status).toBe(409)
    expect(body).toMatchObject({ code: 'RELOAD_REFUSED', findings: [expect.any(String), expect.any(String)] })
    expect((await ask()).header('x-ratelimit-limit')).toBe('5')
  })

  it('has limits that apply together, and classes', async () => {
    await reload(configOf(examples[1]?.limits ?? {}))
    const token = createToken({ plan: 'free' })
    expect((await ask({ token })).header('ratelimit-policy')).toBe(
      '"default";q=600;w=60, "default.tenant";q=1000;w=60, "default.address2";q=100;w=5',
    )
    await reload(configOf(examples[2]?.limits ?? {}))
    const place = () => ask({ token }, 'mutation { place }')
    const first = await place()
    expect(first.data).toEqual({ place: 1 })
    expect(first.header('ratelimit-policy')).toBe('"default";q=600;w=60, "orders";q=2;w=60')
    expect((await place()).header('x-ratelimit-remaining')).toBe('0')
    const refused = await place()
    expect([refused.status, refused.errors[0]?.extensions.code]).toEqual([429, 'REQUEST_RATE_LIMITED'])
    expect((await ask({ token })).status).toBe(200)
  })

  it('slows a flood of credentials that are not valid, and lets known ones pass', async () => {
    await reload(configOf({ requests: { failedCredentials: { limit: 3 } } }))
    const token = createToken()
    expect((await ask({ token })).status).toBe(200)
    const statuses: number[] = []
    for (let call = 0; call < 5; call += 1) {
      statuses.push((await ask({ token: `${createToken().slice(0, -8)}AAAAAAAA` })).status)
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429])
    expect((await ask({ token: createToken() })).status).toBe(429)
    expect((await ask({ token })).status).toBe(200)
    expect((await ask()).status).toBe(200)
  })
})
