import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import { createIdentity } from '../../../src/identity/index.js'
import { identityOptions } from '../../../src/identity/options.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import {
  askGraphql,
  CLIENTS,
  createClock,
  GATEWAY,
  startTokenWorld,
  type TestClock,
  type TokenWorld,
} from './token-world.js'

const CREDENTIALS = { grant_type: 'client_credentials' }
const DAY = 86_400

const worlds: TokenWorld[] = []
let folder = ''
let keysFile = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signing-keys-'))
  keysFile = join(folder, 'keys.json')
})
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((world) => world.close()))
  await rm(folder, { recursive: true, force: true })
})

async function start(endpoint: object = {}, clock: TestClock = createClock()): Promise<TokenWorld> {
  const world = await startTokenWorld({ endpoint, clock })
  worlds.push(world)
  return world
}

/** What `gatehouse check` says of a file. */
const checkOf = (file: string): Promise<string | undefined> => {
  const tokenEndpoint = { issuer: GATEWAY, clients: CLIENTS, keysFile: file }
  const ports = { clock: createClock(), logger: SILENT_LOGGER }
  return createIdentity(identityOptions.parse({ tokenEndpoint }), ports)
    .check()
    .then(() => undefined, String)
}

const ask = (world: TokenWorld) => world.token('partner', CREDENTIALS)
const keyIdOf = (token: string) => decodeProtectedHeader(token).kid
const published = async (world: TokenWorld): Promise<JSONWebKeySet> =>
  (await world.send('/.well-known/jwks.json')).json
const publishedIds = async (world: TokenWorld) => (await published(world)).keys.map(({ kid }) => kid)

describe('the published keys', () => {
  it('are public halves only, cacheable for less time than a key is published before it signs', async () => {
    const world = await start({ publishAheadSeconds: 100 })
    const view = await world.send('/.well-known/jwks.json')

    expect(view.status).toBe(200)
    expect(view.headers.get('cache-control')).toBe('public, max-age=50')
    expect(view.json.keys.map((key: object) => Object.keys(key).sort())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
    ])
  })

  it('verify tokens for whoever reads them', async () => {
    const world = await start()
    const keys = createLocalJWKSet(await published(world))
    const options = { issuer: GATEWAY, audience: 'gatehouse', currentDate: new Date(world.clock.ms) }

    expect((await jwtVerify(await ask(world), keys, options)).payload.sub).toBe('partner')
  })
})

describe('rotation', () => {
  it('publishes a key before it signs, and for as long as a token of it lives', async () => {
    const world = await start()
    const first = keyIdOf(await ask(world))
    const seen: Record<string, readonly (string | undefined)[]> = {}
    const look = async (name: string, seconds: number) => {
      world.clock.ms += seconds * 1000
      seen[name] = [keyIdOf(await ask(world)), ...(await publishedIds(world))]
    }
    await look('long before', DAY - 310)
    await look('at the moment to make one', 10)
    await look('shortly before', 10)
    const second = seen['shortly before']?.[2]
    await look('just before', 289)
    await look('after', 1)
    await look('while tokens may live', 3_600)
    await look('when none lives', 200)

    expect(first).not.toBe(second)
    expect(seen).toEqual({
      'long before': [first, first],
      'at the moment to make one': [first, first],
      'shortly before': [first, first, second],
      'just before': [first, first, second],
      after: [second, first, second],
      'while tokens may live': [second, first, second],
      'when none lives': [second, second],
    })
  })

  it('lets no request fail over two days of two-hour keys, with a new and an old token every few minutes', async () => {
    const world = await start({ ttlSeconds: 3_600, rotateSeconds: 7_200 })
    const living: { readonly token: string; readonly untilMs: number }[] = []
    const keyIds = new Set<string | undefined>()
    const statuses: number[] = []
    for (let step = 0; step < 400; step += 1) {
      world.clock.ms += step % 2 === 0 ? 61_000 : 797_000
      const token = await ask(world)
      keyIds.add(keyIdOf(token))
      living.push({ token, untilMs: world.clock.ms + 3_600_000 })
      while ((living[0]?.untilMs ?? Infinity) <= world.clock.ms) living.shift()
      const oldest = living[0]?.token ?? token
      const views = await Promise.all([token, oldest].map((each) => askGraphql(world.send, each)))
      statuses.push(...views.map(({ status }) => status))
    }

    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(statuses).toHaveLength(800)
    expect(keyIds.size).toBeGreaterThan(20)
  })

  it('waits for the new key to be known, also when nobody asked for days', async () => {
    const world = await start()
    const first = keyIdOf(await ask(world))
    world.clock.ms += 5 * DAY * 1000

    const then = keyIdOf(await ask(world))
    world.clock.ms += 6_000
    const [, next] = await publishedIds(world)
    world.clock.ms += 294_000

    expect(then).toBe(first)
    expect(keyIdOf(await ask(world))).toBe(next)
  })
})

describe('a file of keys', () => {
  it('is made when it is missing, for its owner only', async () => {
    await start({ keysFile })

    expect((await stat(keysFile)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['keys.json'])
  })

  it('is neither made by a check, nor found fault with where it could be made', async () => {
    expect(await checkOf(keysFile)).toBeUndefined()
    expect(await readdir(folder)).toEqual([])
  })

  it('outlives the process', async () => {
    const clock = createClock()
    const token = await ask(await start({ keysFile }, clock))
    const later = await start({ keysFile }, clock)

    expect((await later.whoIs(token)).key).toMatch(/^client:.*:partner$/)
    expect(keyIdOf(await ask(later))).toBe(keyIdOf(token))
  })

  it('is shared by instances that begin at once', async () => {
    const clock = createClock()
    const instances = await Promise.all([1, 2, 3, 4].map(() => start({ keysFile }, clock)))
    const tokens = await Promise.all(instances.map(ask))

    expect(new Set(tokens.map(keyIdOf)).size).toBe(1)
    for (const instance of instances) {
      for (const token of tokens) expect((await instance.whoIs(token)).key).toMatch(/^client:.*:partner$/)
    }
  })

  it('rotates for all of them: no token of one is refused by the other', async () => {
    const clock = createClock()
    const options = { keysFile, rotateSeconds: 600, publishAheadSeconds: 60 }
    const [one, other] = [await start(options, clock), await start(options, clock)]
    const keyIds = new Set<string | undefined>()
    const statuses = new Set<number>()
    for (let step = 0; step < 120; step += 1) {
      clock.ms += 55_000
      const tokens = await Promise.all([ask(one), ask(other)])
      for (const token of tokens) keyIds.add(keyIdOf(token))
      const views = await Promise.all(
        [one, other].flatMap(({ send }) => tokens.map((token) => askGraphql(send, token))),
      )
      for (const { status } of views) statuses.add(status)
      const known = [await publishedIds(one), await publishedIds(other)]
      for (const ids of known) expect(ids).toEqual(expect.arrayContaining(tokens.map(keyIdOf)))
    }

    expect([...statuses]).toEqual([200])
    expect(keyIds.size).toBeGreaterThanOrEqual(10)
    expect((await stat(keysFile)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['keys.json'])
  })

  it.each([
    ['is empty', ''],
    ['is no JSON', '{'],
    ['holds no keys', '{"keys":[]}'],
    ['holds a public key', '{"keys":[{"signsFrom":1,"jwk":{"kty":"EC","crv":"P-256","x":"a","y":"b"}}]}'],
    ['holds a key without its time', '{"keys":[{"jwk":{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}}]}'],
    [
      'holds a key that is none',
      '{"keys":[{"signsFrom":1,"jwk":{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"c"}}]}',
    ],
    ['holds a name twice', '{"keys":[],"keys":[]}'],
  ])('that %s stops the start with its name and what to do', async (_name, text) => {
    await writeFile(keysFile, text)

    const refusal = await startTokenWorld({ endpoint: { keysFile } }).catch((error: unknown) => String(error))

    expect(refusal).toMatch(
      /^Error: identity\.tokenEndpoint\.keysFile: .*keys\.json is not a file of signing keys/,
    )
    expect(refusal).toContain('delete it')
    expect(await checkOf(keysFile)).toBe(refusal)
    expect(await readFile(keysFile, 'utf8')).toBe(text)
  })

  it.each([
    ['in a folder that is missing', () => join(folder, 'nowhere', 'keys.json'), 'ENOENT'],
    ['that is a folder', () => folder, 'EISDIR'],
  ])('%s stops the start', async (_name, file, code) => {
    const refusal = await startTokenWorld({ endpoint: { keysFile: file() } }).catch(String)

    expect(refusal).toContain(`cannot be read or made (${code}).`)
    expect(await checkOf(file())).toBe(refusal)
  })

  it('that others may read is warned of', async () => {
    const clock = createClock()
    await start({ keysFile }, clock)
    await chmod(keysFile, 0o644)
    const world = await start({ keysFile }, clock)

    expect(world.lines.map(({ message }) => message)).toContain(
      'The file of the signing keys can be read by others.',
    )
  })

  it('that is spoiled or gone while it is used leaves the last good keys serving, and health says so', async () => {
    const world = await start({ keysFile })
    const token = await ask(world)
    const text = await readFile(keysFile, 'utf8')
    const stateAfter = async (change: () => Promise<unknown>) => {
      await change()
      world.clock.ms += 6_000
      expect(keyIdOf(await ask(world))).toBe(keyIdOf(token))
      return world.identity.health().find(({ name }) => name === 'signing keys')?.state
    }

    expect(await stateAfter(() => writeFile(keysFile, '{'))).toBe('degraded')
    expect(await stateAfter(() => rm(keysFile))).toBe('degraded')
    expect(await stateAfter(() => writeFile(keysFile, text))).toBe('up')
  })
})

it('without a file, the log warns that keys end with the process', async () => {
  const world = await start()

  expect(world.lines.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('keys are in memory'),
  )
})
