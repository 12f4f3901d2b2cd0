import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  createKey,
  createToken,
  createWorld,
  ISSUER,
  refusalOf,
  type IdentityWorld,
  type TestKey,
} from './identity-world.js'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

interface KeyServer {
  readonly url: string
  fetches: number
  status: number
  body: string
  headers: Record<string, string>
  silent: boolean
  /** Gets what sends the answer, with the keys that were there when it was asked for. */
  hold?: ((answer: () => void) => void) | undefined
}

const keySet = (...keys: TestKey[]) => JSON.stringify({ keys: keys.map((key) => key.jwk) })

async function startKeyServer(body: string): Promise<KeyServer> {
  const server = createServer((_request, response) => {
    keyServer.fetches++
    const { silent, hold, status, headers: fields, body: keys } = keyServer
    const answer = () => void response.writeHead(status, fields).end(keys)
    if (hold !== undefined) hold(answer)
    else if (!silent) answer()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  )
  const { port } = server.address() as AddressInfo
  const keyServer: KeyServer = {
    url: `http://127.0.0.1:${port}/jwks`,
    fetches: 0,
    status: 200,
    body,
    headers: {},
    silent: false,
  }
  return keyServer
}

function createWorldWithKeysAt(source: object, keys: object = {}): IdentityWorld {
  const world = createWorld({
    issuers: [{ issuer: ISSUER, ...source }],
    keys: { refreshSeconds: 3_600, ...keys },
  })
  cleanups.push(() => world.identity.stop())
  return world
}

const OLD = createKey('old')
const NEW = createKey('new')
const oldToken = () => createToken({}, {}, OLD)
const newToken = () => createToken({}, {}, NEW)

describe('keys at an address', () => {
  it('are loaded at start and asked for once', async () => {
    const server = await startKeyServer(keySet(OLD))
    const world = createWorldWithKeysAt({ jwksUrl: server.url })
    await world.identity.start()

    const { principal } = await world.identifyToken(oldToken())

    expect(principal.userId).toBe('u-1')
    expect(server.fetches).toBe(1)
    expect(world.identity.health()).toEqual([{ name: `keys of ${ISSUER}`, state: 'up', required: true }])
  })

  it('rotate: a new key serves at once, and tokens of a withdrawn key end with it', async () => {
    const server = await startKeyServer(keySet(OLD))
    const world = createWorldWithKeysAt({ jwksUrl: server.url })
    await world.identity.start()
    await world.identifyToken(oldToken())
    const remembered = oldToken()
    await world.identifyToken(remembered)

    server.body = keySet(NEW)
    world.clock.ms += 1_000
    const { principal } = await world.identifyToken(newToken())

    expect(principal.userId).toBe('u-1')
    expect((await refusalOf(world.identifyToken(remembered))).code).toBe('UNAUTHENTICATED')
  })

  it('rotate: a new key serves at once, also just after the background has read the old set', async () => {
    const server = await startKeyServer(keySet(OLD))
    const world = createWorldWithKeysAt({ jwksUrl: server.url })
    await world.identity.start()

    server.body = keySet(OLD, NEW)
    const { principal } = await world.identifyToken(newToken())

    expect(principal.userId).toBe('u-1')
  })

  it('rotate: a key that came while the old set was on its way is asked for again, once for all', async () => {
    const server = await startKeyServer(keySet(OLD))
    const world = createWorldWithKeysAt({ jwksUrl: server.url })
    const onItsWay = new Promise<() => void>((resolve) => (server.hold = resolve))
    const starting = world.identity.start()
    const answer = await onItsWay

    server.body = keySet(OLD, NEW)
    server.hold = undefined
    const identified = Promise.all([1, 2, 3].map(() => world.identifyToken(newToken())))
    answer()
    await starting

    expect((await identified).map(({ principal }) => principal.userId)).toEqual(['u-1', 'u-1', 'u-1'])
    expect(server.fetches).toBe(2)
  })

  it('stay the same over a refresh, so that remembered tokens stay remembered', async () => {
    const server = await startKeyServer(keySet(OLD))
    const world = createWorldWithKeysAt({ jwksUrl: server.url }, { cooldownMs: 0 })
    const token = oldToken()
    const first = await world.identifyToken(token)
    await refusalOf(world.identifyToken(newToken()))
    expect(server.fetches).toBe(2)

    const again = await world.identifyToken(token)

    expect(again.principal).toBe(first.principal)
  })

  it('are not fetched again and again for invented key ids', async () => {
    const server = await startKeyServer(keySet(OLD))
    // Signing 150 tokens may hold a busy machine for longer than a fetch may take.
    const world = createWorldWithKeysAt({ jwksUrl: server.url }, { timeoutMs: 30_000 })
    await world.identity.start()
    world.clock.ms += 2_000

    const invent = (name: string) => refusalOf(world.identifyToken(createToken({}, { kid: name }, OLD)))

    const together = await Promise.all(Array.from({ length: 150 }, (_, index) => invent(`a-${index}`)))
    const afterwards = await Promise.all(Array.from({ length: 150 }, (_, index) => invent(`b-${index}`)))

    const codes = new Set([...together, ...afterwards].map(({ code }) => code))
    expect(codes).toEqual(new Set(['UNAUTHENTICATED']))
    expect(server.fetches).toBe(2)
  })

  it.each<readonly [string, (server: KeyServer) => void]>([
    ['answers 500', (server) => (server.status = 500)],
    ['never answers', (server) => (server.silent = true)],
    ['answers with garbage', (server) => (server.body = '<html>')],
    ['answers with an empty set', (server) => (server.body = '{"keys":[]}')],
    ['answers with two keys of one id', (server) => (server.body = keySet(OLD, OLD))],
    ['answers with too much', (server) => (server.body = keySet(OLD) + ' '.repeat(300_000))],
    ['redirects', (server) => ((server.status = 302), (server.headers = { location: server.url }))],
  ])('keep serving while their address %s, for an hour', async (_name, spoil) => {
    const server = await startKeyServer(keySet(OLD))
    const world = createWorldWithKeysAt({ jwksUrl: server.url }, { timeoutMs: 2_000 })
    await world.identity.start()
    spoil(server)
    world.clock.ms += 2_000

    const unknown = await refusalOf(world.identifyToken(newToken()))
    const known = await world.identifyToken(oldToken())

    expect(unknown.code).toBe('UNAUTHENTICATED')
    expect(known.principal.userId).toBe('u-1')
    expect(world.identity.health()[0]).toMatchObject({ state: 'degraded', required: true })

    world.clock.ms += 3_600_000
    const late = createToken({ iat: world.clock.ms / 1000, exp: world.clock.ms / 1000 + 60 }, {}, OLD)
    expect((await refusalOf(world.identifyToken(late))).code).toBe('UNAUTHENTICATED')
    expect(world.identity.health()[0]?.state).toBe('down')
  })

  it('that were never loaded refuse every token, and come later by themselves', async () => {
    const server = await startKeyServer('')
    const world = createWorldWithKeysAt({ jwksUrl: server.url })
    await world.identity.start()

    expect((await refusalOf(world.identifyToken(oldToken()))).code).toBe('UNAUTHENTICATED')
    expect(world.identity.health()[0]).toMatchObject({ state: 'down', required: true })

    server.body = keySet(OLD)
    world.clock.ms += 1_000
    expect((await world.identifyToken(oldToken())).principal.userId).toBe('u-1')
    expect(world.identity.health()[0]?.state).toBe('up')
  })

  it('are refreshed in the background', async () => {
    const server = await startKeyServer(keySet(OLD))
    const world = createWorldWithKeysAt(
      { jwksUrl: server.url },
      { refreshSeconds: 0.02, cooldownMs: 3_600_000 },
    )
    await world.identity.start()
    await refusalOf(world.identifyToken(newToken()))
    server.body = keySet(NEW)

    // Within the cooldown nothing but the background brings the new key.
    await expect(eventually(() => world.identifyToken(newToken()))).resolves.toMatchObject({
      principal: { userId: 'u-1' },
    })
  })
})

describe('keys in a file', () => {
  it('are read, and read again for an unknown key id', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keys-'))
    const jwksFile = join(directory, 'jwks.json')
    await writeFile(jwksFile, keySet(OLD))
    const world = createWorldWithKeysAt({ jwksFile })
    await world.identity.start()
    expect((await world.identifyToken(oldToken())).principal.userId).toBe('u-1')

    await writeFile(jwksFile, keySet(OLD, NEW))
    world.clock.ms += 1_000

    expect((await world.identifyToken(newToken())).principal.userId).toBe('u-1')
  })

  it('that is missing leaves the gateway up, and health down', async () => {
    const world = createWorldWithKeysAt({ jwksFile: join(tmpdir(), 'no-such-directory', 'jwks.json') })

    await world.identity.start()

    expect(world.identity.health()[0]).toMatchObject({ state: 'down', required: true })
    expect((await refusalOf(world.identifyToken(oldToken()))).code).toBe('UNAUTHENTICATED')
  })
})

/** Tries until it works; the test's time limit bounds it. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
