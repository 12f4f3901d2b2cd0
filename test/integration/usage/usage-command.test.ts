/** `gatehouse usage` over the files that a gateway is writing at the same time. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import type { ServedGraph } from '../../support/serve.js'
import { makeFolder, removeFolders, runGatehouse } from '../cli/run-gatehouse.js'
import { startUsageGateways, type UsageGateways } from './usage-gateways.js'

let world: UsageGateways
let gateway: ServedGraph

const usage = (...args: string[]) => world.run('usage', ...args)
const rowsOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/))

/** In UTC, as usage is. */
const today = () => new Date().toISOString().slice(0, 10)

beforeAll(async () => {
  world = await startUsageGateways({ directory: join(makeFolder({}), 'made', 'when', 'needed') })
  expect(await usage()).toEqual({ code: 0, stdout: 'There is no usage in this time.\n', stderr: '' })
  gateway = await world.serve()
  const token = world.createToken()
  for (const query of ['query A { open }', 'query B { open }', 'query A { open secret }'])
    await askGraphql(gateway.url, query, { token })
  await askGraphql(gateway.url, 'query A { open }', { token: world.createToken({ tenant: '=globex' }) })
  await eventually(world.requests, (count) => count === 4)
})

afterAll(async () => {
  await world.close()
  await removeFolders()
})

describe('gatehouse usage', () => {
  it('shows what callers have used, and their operations when asked', async () => {
    const day = today()
    const [head, ...rows] = rowsOf((await usage()).stdout)
    expect(head).toEqual([
      'PERIOD',
      'TENANT',
      'CALLER',
      'REQUESTS',
      'ERRORS',
      'CACHE HITS',
      'COST',
      'BYTES IN',
      'BYTES OUT',
    ])
    const bytes = expect.stringMatching(/^[1-9]\d+$/)
    expect(rows).toEqual([
      [day, '=globex', 'user', '1', '0', '0', '0', bytes, bytes],
      [day, 'acme', 'user', '3', '1', '0', '0', bytes, bytes],
    ])
    const operations = rowsOf((await usage('--tenant', 'acme', '--operations', '--by', 'month')).stdout)
    expect(operations.map((row) => row.slice(0, 5))).toEqual([
      ['PERIOD', 'TENANT', 'CALLER', 'OPERATION', 'REQUESTS'],
      [day.slice(0, 7), 'acme', 'user', 'A', '2'],
      [day.slice(0, 7), 'acme', 'user', 'B', '1'],
    ])
  })

  it('prints JSON and CSV that say the same', async () => {
    const lines = JSON.parse((await usage('--json', '--tenant', 'acme')).stdout)
    expect(lines).toMatchObject([
      { period: today(), tenant: 'acme', caller: 'user', operation: 'A', requests: 2, deniedErrors: 1 },
      { period: today(), tenant: 'acme', caller: 'user', operation: 'B', requests: 1, deniedErrors: 0 },
    ])
    const [head = '', ...records] = (await usage('--csv')).stdout.split('\r\n')
    const [, ...acme] = records.filter((record) => record !== '')
    expect(head.split(',')).toEqual(Object.keys(lines[0]))
    expect(acme).toEqual(lines.map((line: object) => Object.values(line).join(',')))
    expect(records[0]).toContain(",'=globex,user,A,1,")
  })

  it('knows days and months', async () => {
    const count = async (...args: string[]) => JSON.parse((await usage('--json', ...args)).stdout).length
    const month = today().slice(0, 7)
    expect(await count('--from', month, '--to', month)).toBe(3)
    expect(await count('--from', today())).toBe(3)
    expect(await count('--to', '2020-01')).toBe(0)
    expect(await count('--from', '2020-01-01', '--to', '2020-12-31')).toBe(0)
    expect(await count('--tenant', 'nobody')).toBe(0)
  })

  it.each([
    [['--from', 'monday'], /--from .* must be a day such as/],
    [['--to', '2026-02-30'], /--to .* must be a day such as/],
    [['--from', '2026-02', '--to', '2026-01'], /'--to' is before '--from'/],
    [['--by', 'year'], /--by .* Allowed choices are day, month/],
    [['--json', '--csv'], /'--json' cannot be used with option '--csv'/],
    [['--xml'], /unknown option '--xml'/],
    [['surplus'], /too many arguments/],
  ])('ends with 2 on %j', async (args, message) => {
    const { code, stdout, stderr } = await usage(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  it('explains itself, without a config', async () => {
    const { code, stdout, stderr } = await runGatehouse(['usage', '--help'], { cwd: makeFolder({}) })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: gatehouse usage /)
  })

  it('ends with 1 and one line without a config, without a store, and when the store does not answer', async () => {
    const run = (yaml?: string) =>
      runGatehouse(['usage'], { cwd: makeFolder(yaml === undefined ? {} : { 'gateway.yaml': yaml }) })
    expect(await run()).toMatchObject({ code: 1, stderr: expect.stringMatching(/^No config: .*\n$/) })
    expect(await run('usage: { enabled: true }')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The config keeps no usage: [^\n]*\n$/),
    })
    const away = await run(`usage: { enabled: true, databaseUrl: 'postgres://u:sesame@127.0.0.1:1/d' }`)
    expect(away).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^[^\n]*ECONNREFUSED[^\n]*\n$/),
    })
    expect(away.stderr).not.toContain('sesame')
  })

  it('needs usage to be counted where it has quotas', async () => {
    const quota = 'usage: { quotas: { free: { requestsPerMonth: 1 } } }'
    const result = await runGatehouse(['usage'], { cwd: makeFolder({ 'gateway.yaml': quota }) })
    expect([result.code, result.stderr]).toEqual([
      1,
      expect.stringMatching(/usage\.quotas.* needs usage\.enabled/),
    ])
  })
})
