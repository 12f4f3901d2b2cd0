/** Usage as clients and operators meet it: a whole gateway in process, that counts in files. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { defineEndpoint } from '../../../src/bff/index.js'
import type { UsageLine } from '../../../src/usage/index.js'
import {
  createRecordingSubgraph,
  startGateway,
  stopAfterEach,
  type EmbeddedGateway,
  type RecordingSubgraph,
} from '../../support/embedded-gateway.js'
import { askGraphql, getJson } from '../../support/graphql-client.js'
import { createSignedIn } from '../../support/signed-in.js'
import { closeSockets, openSocketClient } from '../../support/socket-client.js'

const TYPES = `
  type Query {
    open: String
    cached: String @cacheControl(maxAge: 60)
    secret: String @requiresScopes(scopes: [["secret"]])
  }
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective", "@requiresScopes"])
    @link(url: "https://specs.apollo.dev/cacheControl/v0.1", import: ["@cacheControl"])
    @composeDirective(name: "@cacheControl")
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
  enum CacheControlScope { PUBLIC PRIVATE }
`

const signedIn = createSignedIn()
stopAfterEach()
afterEach(closeSockets)

/** Outlives the gateways of one test. */
const root = mkdtempSync(join(tmpdir(), 'usage-'))
const makeDirectory = () => mkdtempSync(join(root, 'kept-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let subgraph: RecordingSubgraph
beforeEach(async () => {
  subgraph = await createRecordingSubgraph({ open: 'hello', cached: 'kept', secret: 'x' })
})

function start(usage: object = {}, config: object = {}): Promise<EmbeddedGateway> {
  return startGateway(
    { own: { url: subgraph.url, typeDefs: TYPES } },
    {
      config: {
        identity: { issuers: [{ ...signedIn.issuer, audience: undefined }] },
        limits: { requests: { perWindow: { pro: 2 } } },
        usage: { enabled: true, directory: 'usage', ...usage },
        ...config,
      },
      files: { 'hello.graphql': 'query Hello { open }' },
      endpoints: (folder) => [
        defineEndpoint<{ open: string }>({
          module: pathToFileURL(join(folder, 'hello.js')).href,
          path: '/hello',
          summary: 'A greeting.',
          present: ({ open }) => ({ greeting: open, more: 'than the answer of the line' }),
        }),
      ],
    },
  )
}

/** Whatever of a line is not nothing, without the day. */
function briefOf(line: UsageLine): object {
  return Object.fromEntries(Object.entries(line).filter(([name, value]) => name !== 'period' && value !== 0))
}

async function linesOf({ adminUrl }: EmbeddedGateway, query = ''): Promise<readonly UsageLine[]> {
  const { status, body } = await getJson(`${adminUrl}/usage${query}`)
  expect(status).toBe(200)
  return body
}

describe('usage', () => {
  it('is counted for every front end, caller and outcome, with the bytes of bodies', async () => {
    const gateway = await start()
    const [user, pro] = [signedIn.createToken(), signedIn.createToken({ tenant: 'globex', plan: 'pro' })]
    const texts = [
      await askGraphql(gateway.url, 'query Open { open }'),
      await askGraphql(gateway.url, 'query Open { open }', { token: user }),
      await askGraphql(gateway.url, 'query Secret { open secret }', { token: user }),
      await askGraphql(gateway.url, '{ open }', { token: user }),
      await askGraphql(gateway.url, '{ nothing }', { token: user }),
      await askGraphql(gateway.url, '{ open }', { token: 'bad' }),
    ]
    const rest = await fetch(`${gateway.url}/hello`, { headers: { authorization: `Bearer ${user}` } })
    const hello = await rest.text()
    for (let times = 0; times < 3; times += 1)
      await askGraphql(gateway.url, 'query Open { open }', { token: pro })
    // Before the line there is no caller: not counted.
    await fetch(`${gateway.url}/graphql`, { method: 'POST', body: '{' })
    await fetch(`${gateway.url}/nowhere`)

    const sent = (index: number) => Buffer.byteLength(texts[index]?.text ?? '')
    const asked = (query: string) => JSON.stringify({ query }).length
    const lines = await linesOf(gateway)
    expect(lines.map(briefOf)).toEqual([
      {
        ...{ tenant: '(unidentified)', caller: '(unidentified)', operation: '(unresolved)', requests: 1 },
        ...{ deniedErrors: 1, receivedBytes: asked('{ open }'), sentBytes: sent(5) },
      },
      {
        ...{ tenant: 'acme', caller: 'user', operation: '(anonymous)', requests: 1 },
        ...{ receivedBytes: asked('{ open }'), sentBytes: sent(3) },
      },
      {
        ...{ tenant: 'acme', caller: 'user', operation: '(unresolved)', requests: 1, clientErrors: 1 },
        ...{ receivedBytes: asked('{ nothing }'), sentBytes: sent(4) },
      },
      {
        ...{ tenant: 'acme', caller: 'user', operation: 'Hello', requests: 1 },
        ...{ sentBytes: Buffer.byteLength(hello) },
      },
      {
        ...{ tenant: 'acme', caller: 'user', operation: 'Open', requests: 1 },
        ...{ receivedBytes: asked('query Open { open }'), sentBytes: sent(1) },
      },
      {
        ...{ tenant: 'acme', caller: 'user', operation: 'Secret', requests: 1, deniedErrors: 1 },
        ...{ receivedBytes: asked('query Secret { open secret }'), sentBytes: sent(2) },
      },
      {
        ...{ tenant: 'default', caller: 'anonymous', operation: 'Open', requests: 1 },
        ...{ receivedBytes: asked('query Open { open }'), sentBytes: sent(0) },
      },
      {
        ...{ tenant: 'globex', caller: 'user', operation: '(unresolved)', requests: 1, limitedErrors: 1 },
        ...{ refusedByLimits: 1 },
        ...{ receivedBytes: asked('query Open { open }'), sentBytes: expect.any(Number) },
      },
      {
        ...{ tenant: 'globex', caller: 'user', operation: 'Open', requests: 2 },
        ...{ receivedBytes: 2 * asked('query Open { open }'), sentBytes: 2 * sent(0) },
      },
    ])
  })

  it('is counted over WebSocket, with the bytes of messages about operations', async () => {
    subgraph = await createRecordingSubgraph({ open: 'héllo €' })
    const gateway = await start()
    const client = await openSocketClient(gateway.url)
    let sentBytes = 0
    client.socket.on('message', (data: Buffer) => (sentBytes += data.length))
    await client.init({ authorization: `Bearer ${signedIn.createToken()}` })
    // Neither the introduction nor pings are about an operation.
    client.send({ type: 'ping' })
    await client.next()

    const ask = async (id: string, query: string) => {
      sentBytes = 0
      client.subscribe(id, query)
      const messages = await client.outcome(id)
      const receivedBytes = JSON.stringify({ id, type: 'subscribe', payload: { query } }).length
      return { types: messages.map(({ type }) => type), counted: { receivedBytes, sentBytes } }
    }
    const answered = await ask('1', 'query Open { open }')
    const refused = await ask('2', '{ nothing }')
    expect([answered.types, refused.types]).toEqual([['next', 'complete'], ['error']])
    expect(await linesOf(gateway)).toMatchObject([
      { caller: 'user', operation: '(unresolved)', requests: 1, ...refused.counted },
      { caller: 'user', operation: 'Open', requests: 1, ...answered.counted },
    ])
  })

  it('counts answers that were remembered', async () => {
    const gateway = await start()
    for (let times = 0; times < 3; times += 1) await askGraphql(gateway.url, 'query Cached { cached }')
    expect(await linesOf(gateway)).toMatchObject([{ operation: 'Cached', requests: 3, cacheHits: 2 }])
  })

  it('counts what a subgraph failed to give as an error of the server', async () => {
    const gateway = await start()
    subgraph.behave = (response) => response.destroy()
    await askGraphql(gateway.url, 'query Open { open }')
    expect(await linesOf(gateway)).toMatchObject([{ operation: 'Open', requests: 1, serverErrors: 1 }])
  })

  it('is there again after a restart, also where it was counted just before the end', async () => {
    const directory = makeDirectory()
    const one = await start({ directory, flushIntervalMs: 300_000 })
    await askGraphql(one.url, 'query Open { open }')
    await one.stop()
    const other = await start({ directory, flushIntervalMs: 300_000 })
    await askGraphql(other.url, 'query Open { open }')
    expect(await linesOf(other)).toMatchObject([{ operation: 'Open', requests: 2 }])
  })

  it('costs nothing and has no route where it is off', async () => {
    const gateway = await start({ enabled: false })
    await askGraphql(gateway.url, '{ open }')
    expect((await getJson(`${gateway.adminUrl}/usage`)).status).toBe(404)
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(metrics).toContain('gateway_usage_waiting_rows 0')
  })

  it('is part of metrics and health', async () => {
    const gateway = await start()
    await askGraphql(gateway.url, '{ open }')
    await linesOf(gateway)
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(metrics).toMatch(/gateway_usage_flushes_total\{outcome="written"\} \d/)
    const { body } = await getJson(`${gateway.url}/health/ready`)
    expect(body.dependencies).toContainEqual({ name: 'usage', state: 'up', required: false })
  })
})

describe('GET /usage', () => {
  it('exports one tenant, by month, as CSV', async () => {
    const gateway = await start()
    for (const tenant of ['acme', '=1+1'])
      await askGraphql(gateway.url, 'query Open { open }', { token: signedIn.createToken({ tenant }) })
    const month = new Date().toISOString().slice(0, 7)
    const response = await fetch(
      `${gateway.adminUrl}/usage?by=month&format=csv&tenant=${encodeURIComponent('=1+1')}`,
    )
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="usage.csv"')
    const [head, ...records] = (await response.text()).split('\r\n')
    expect(head).toMatch(/^period,tenant,caller,operation,requests,/)
    expect(records).toEqual([
      expect.stringMatching(new RegExp(`^${month},'=1\\+1,user,Open,1,0,0,0,0,0,0,`)),
      '',
    ])
    expect(await linesOf(gateway, `?from=${month}&to=${month}&by=month`)).toHaveLength(2)
    expect(await linesOf(gateway, '?from=2020-01&to=2020-12')).toEqual([])
  })

  it.each([
    'from=yesterday',
    'to=2026-02-30',
    'from=0000-01',
    'from=2026-02&to=2026-01',
    'by=year',
    'format=xml',
    'tenants=acme',
    'tenant=a&tenant=b',
  ])('refuses %s', async (query) => {
    const gateway = await start()
    const { status, body } = await getJson(`${gateway.adminUrl}/usage?${query}`)
    expect([status, body.code]).toEqual([400, 'BAD_REQUEST'])
  })

  it('is for operators only', async () => {
    const gateway = await start({}, { admin: { allowedAddresses: [], token: 'sesame-of-this-test' } })
    const ask = (headers = {}) => getJson(`${gateway.adminUrl}/usage`, { headers })
    expect((await ask()).body.code).toBe('FORBIDDEN')
    expect((await ask({ authorization: 'Bearer wrong' })).body.code).toBe('UNAUTHENTICATED')
    expect((await ask({ authorization: 'Bearer sesame-of-this-test' })).status).toBe(200)
    expect((await getJson(`${gateway.url}/usage`)).status).toBe(404)
  })

  it('says so when the store does not answer', async () => {
    const gateway = await start({ databaseUrl: 'postgres://u:sesame@127.0.0.1:1/d' })
    await askGraphql(gateway.url, '{ open }')
    const { status, body, header } = await getJson(`${gateway.adminUrl}/usage`)
    expect([status, body.code, header('retry-after')]).toEqual([503, 'USAGE_UNAVAILABLE', '5'])
    expect(JSON.stringify(body)).not.toMatch(/sesame|127\.0\.0\.1|ECONN/)
    const { body: health } = await getJson(`${gateway.url}/health/ready`)
    expect(health).toMatchObject({
      status: 'ready',
      dependencies: expect.arrayContaining([
        {
          ...{ name: 'usage', state: 'down', required: false },
          detail: 'Usage cannot be written; 1 rows are kept and sent again.',
        },
      ]),
    })
  })
})

describe('a quota', () => {
  const quotas = { free: { requestsPerMonth: 5 } }

  it('is announced and enforced on GraphQL and REST alike', async () => {
    const gateway = await start({ quotas })
    const token = signedIn.createToken()
    const seen = []
    for (let times = 0; times < 4; times += 1) seen.push(await askGraphql(gateway.url, '{ open }', { token }))
    expect(seen.map(({ header }) => [header('x-quota-remaining'), header('x-quota-warning')])).toEqual([
      ['4', null],
      ['3', null],
      ['2', null],
      ['1', '"requests"; used=4; limit=5'],
    ])
    const rest = await getJson(`${gateway.url}/hello`, { token })
    expect([rest.status, rest.header('x-quota-remaining')]).toEqual([200, '0'])

    const calls = subgraph.seen.length
    const refused = await askGraphql(gateway.url, '{ nonsense', { token })
    const problem = await getJson(`${gateway.url}/hello`, { token })
    for (const { status, header } of [refused, problem]) {
      expect(status).toBe(429)
      expect(header('x-quota-limit')).toBe('5')
      expect(header('x-quota-remaining')).toBe('0')
      const seconds = Number(header('retry-after'))
      const ends = new Date(Date.now() + seconds * 1_000)
      expect(seconds).toBeGreaterThan(0)
      expect([ends.getUTCDate(), ends.getUTCHours(), ends.getUTCMinutes()]).toEqual([1, 0, 0])
    }
    expect(refused.errors[0]?.extensions).toEqual({
      ...{ code: 'QUOTA_EXCEEDED', quota: 'requests' },
      retryAfterSeconds: expect.any(Number),
    })
    expect(problem.body).toMatchObject({ code: 'QUOTA_EXCEEDED', retryAfterSeconds: expect.any(Number) })
    expect(subgraph.seen).toHaveLength(calls)
    // Others are not concerned.
    expect((await askGraphql(gateway.url, '{ open }')).status).toBe(200)
    const globex = signedIn.createToken({ tenant: 'globex' })
    expect((await askGraphql(gateway.url, '{ open }', { token: globex })).header('x-quota-remaining')).toBe(
      '4',
    )
  })

  it('is not used up by what limits or the quota itself refuse, also when the store tells', async () => {
    const gateway = await start({ quotas: { pro: { requestsPerMonth: 4 } } })
    const token = signedIn.createToken({ plan: 'pro' })
    const ask = async () => {
      const { status, errors, header } = await askGraphql(gateway.url, '{ open }', { token })
      return [status, errors[0]?.extensions.code, header('x-quota-remaining')]
    }
    // Two in a window are let in.
    expect([await ask(), await ask()]).toEqual([
      [200, undefined, '3'],
      [200, undefined, '2'],
    ])
    for (let times = 0; times < 5; times += 1) expect(await ask()).toEqual([429, 'REQUEST_RATE_LIMITED', '1'])
    const line = { operation: '(unresolved)', requests: 5, limitedErrors: 5, refusedByLimits: 5 }
    expect(await linesOf(gateway)).toContainEqual(expect.objectContaining(line))
    expect(await ask()).toEqual([429, 'REQUEST_RATE_LIMITED', '1'])
  })

  it('counts what was used before a restart', async () => {
    const directory = makeDirectory()
    const first = await start({ quotas, directory })
    const token = signedIn.createToken()
    for (let times = 0; times < 5; times += 1) await askGraphql(first.url, '{ open }', { token })
    await first.stop()
    const second = await start({ quotas, directory })
    // The first request of a tenant is what makes the gateway look.
    await askGraphql(second.url, '{ open }', { token })
    await linesOf(second)
    expect((await askGraphql(second.url, '{ open }', { token })).errors[0]?.extensions.code).toBe(
      'QUOTA_EXCEEDED',
    )
  })
})
