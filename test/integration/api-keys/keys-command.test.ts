/** `gatehouse keys` over a file that a gateway is reading at the same time. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import type { ServedGraph } from '../../support/serve.js'
import { ROOT } from '../../support/shop.js'
import { makeFolder, removeFolders, runGatehouse } from '../cli/run-gatehouse.js'
import { askWith, startKeyGateways, verdictOf, type KeyGateways } from './key-gateways.js'

const GOOD = [200, undefined]
const REFUSED = [401, 'UNAUTHENTICATED']

let directory: string
let world: KeyGateways
let gateway: ServedGraph

beforeAll(async () => {
  directory = join(makeFolder({}), 'made', 'when', 'needed')
  world = await startKeyGateways({ directory })
  // Before there is any key, or any folder for one.
  gateway = await world.serve()
})

afterAll(async () => {
  await world.close()
  await removeFolders()
})

const rowsOf = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/))

describe('gatehouse keys', () => {
  it('says so when there are none', async () => {
    expect(await world.run('list')).toEqual({ code: 0, stdout: 'There are no API keys yet.\n', stderr: '' })
    expect(await world.run('list', '--json')).toEqual({ code: 0, stdout: '[]\n', stderr: '' })
  })

  it('makes a key that a running gateway takes, and ends it', async () => {
    const key = await world.create('--scopes', 'order:read')
    expect(verdictOf(await askWith(gateway, key.text))).toEqual(GOOD)
    expect((await world.run('revoke', key.id)).code).toBe(0)
    const answer = await eventually(
      () => askWith(gateway, key.text),
      ({ status }) => status !== 200,
    )
    expect(verdictOf(answer)).toEqual(REFUSED)
    // Whoever wants it ended has what he wants.
    expect((await world.run('revoke', key.id)).code).toBe(0)
  })

  it('lists what it made, for people and for programs, and never a secret', async () => {
    const wish = [
      '--scopes',
      'b, a b',
      '--tenant',
      'globex',
      '--plan',
      'enterprise',
      '--expires-in-days',
      '2',
    ]
    const key = await world.create(...wish)
    const [table, json] = [await world.run('list'), await world.run('list', '--json')]
    const listed = JSON.parse(json.stdout).find(({ id }: { id: string }) => id === key.id)
    expect(listed).toEqual({
      ...{ id: key.id, name: 'test', state: 'active', tenant: 'globex', plan: 'enterprise' },
      scopes: ['a', 'b'],
      createdAt: expect.stringMatching(/Z$/),
      expiresAt: expect.any(String),
    })
    expect(Date.parse(listed.expiresAt) - Date.parse(listed.createdAt)).toBe(2 * 86_400_000)
    const [head, ...rows] = rowsOf(table.stdout)
    expect(head).toEqual(['ID', 'NAME', 'STATE', 'TENANT', 'PLAN', 'SCOPES', 'EXPIRES'])
    expect(rows).toContainEqual([
      ...[key.id, 'test', 'active', 'globex', 'enterprise', 'a b'],
      listed.expiresAt.slice(0, 10),
    ])
    const kept = readFileSync(join(directory, 'api-keys.json'), 'utf8')
    for (const text of [table.stdout, json.stdout, kept]) expect(text).not.toContain(key.text.slice(17))
  })

  it('loses no key when several are made at once', async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => world.create()))
    const { stdout } = await world.run('list')
    for (const { id } of made) expect(stdout).toContain(id)
    for (const { text } of made) expect((await askWith(gateway, text, '{ open }')).status).toBe(200)
  })

  it.each([
    [['create'], /required option '--name <name>'/],
    [['create', '--name', 'x', '--plan', 'gold'], /--plan .* Allowed choices are free, pro, enterprise/],
    [['create', '--name', 'x', '--expires-in-days', '0'], /--expires-in-days .* from 1 to 36500/],
    [['create', '--name', 'x', 'surplus'], /too many arguments/],
    [['create', '--name', 'x', '--secret', 'mine'], /unknown option '--secret'/],
    [['list', '--yaml'], /unknown option '--yaml'/],
    [['revoke'], /missing required argument 'id'/],
    [['rotate', 'x', '--grace-seconds', '-1'], /--grace-seconds .* whole number of seconds/],
    [['frobnicate'], /unknown command 'frobnicate'/],
    [[], /^Usage: gatehouse keys /],
  ])('ends with 2 on %j', async (args, message) => {
    const { code, stdout, stderr } = await world.run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  it.each([
    [['revoke', 'AAAAAAAAAAAA'], /^There is no API key of this id/],
    [['revoke', "x' or '1'='1"], /^There is no API key of this id/],
    [['rotate', '../../secret'], /^There is no API key of this id/],
    [['create', '--name', ''], /^The name must be/],
    [['create', '--name', 'x', '--scopes', 'a"b'], /^"a"b" cannot be a scope/],
  ])('ends with 1 and one line on %j', async (args, message) => {
    const { code, stdout, stderr } = await world.run(...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr.match(/\n/g)).toHaveLength(1)
  })

  it.each(['create', 'list', 'revoke', 'rotate'])('explains `%s`', async (command) => {
    const { code, stdout, stderr } = await world.run(command, '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^Usage: gatehouse keys ${command} `))
    expect(stdout).toContain('--config <file>')
  })

  it('needs a config that keeps keys, a pepper, and in production one of its own', async () => {
    const list = (yaml: string, env: Record<string, string> = {}) =>
      runGatehouse(['keys', 'list'], { cwd: makeFolder({ 'gateway.yaml': yaml }), env })
    expect(await list('identity: {}')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'The config keeps no API keys: set identity.apiKeys.databaseUrl or identity.apiKeys.directory.\n',
    })
    const without = await list('identity: { apiKeys: { directory: keys } }')
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('identity.apiKeys.pepper')])
    const shop = readFileSync(join(ROOT, 'gateway.yaml'), 'utf8')
    const known = await list(shop, { NODE_ENV: 'production', GATEWAY_SIGNING_SECRET: 'one-of-our-own-here' })
    expect([known.code, known.stderr]).toEqual([1, expect.stringMatching(/^[^\n]*API_KEY_PEPPER[^\n]*\n$/)])
    const own = { NODE_ENV: 'production', API_KEY_PEPPER: 'a-pepper-of-our-own-and-of-nobody-else' }
    expect((await list(shop, own)).code).toBe(0)
  })

  it('says in one line that the database is not there', async () => {
    const folder = makeFolder({
      'gateway.yaml': `identity: { apiKeys: { databaseUrl: 'postgres://u:sesame@127.0.0.1:1/d', pepper: ${'x'.repeat(32)} } }`,
    })
    const { code, stdout, stderr } = await runGatehouse(['keys', 'list'], { cwd: folder })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^[^\n]*ECONNREFUSED[^\n]*\n$/)
    expect(stderr).not.toContain('sesame')
  })
})
