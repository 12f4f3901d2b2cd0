import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { ensureDevelopmentIssuer } from '../../../src/identity/index.js'
import { createWorld } from './identity-world.js'

const emptyDirectory = () => mkdtemp(join(tmpdir(), 'dev-issuer-'))

describe('ensureDevelopmentIssuer', () => {
  it('issues tokens that a gateway with its key set accepts', async () => {
    const directory = await emptyDirectory()
    const clock = { now: () => 1_700_000_000_000 }
    const { issuer, audience, jwksFile, issueToken } = await ensureDevelopmentIssuer(directory, clock)
    const world = createWorld({ issuers: [{ issuer, audience, jwksFile }] })

    const token = await issueToken(
      {
        userId: 'u-1',
        tenant: 'acme',
        plan: 'pro',
        scopes: ['order:read', 'admin'],
        roles: ['staff'],
        email: 'u@x',
      },
      3_600,
    )
    const { principal } = await world.identifyToken(token)

    expect(principal).toMatchObject({
      userId: 'u-1',
      tenant: 'acme',
      plan: 'pro',
      scopeKey: 'admin order:read',
      roles: ['staff'],
      email: 'u@x',
      expiresAtSeconds: 1_700_003_600 + 30,
    })
    await world.identity.stop()
  })

  it('keeps its key, also when several processes begin at once', async () => {
    const directory = await emptyDirectory()
    await Promise.all(Array.from({ length: 5 }, () => ensureDevelopmentIssuer(directory)))
    const first = await readFile(join(directory, 'jwks.json'), 'utf8')

    await ensureDevelopmentIssuer(directory)

    expect(await readFile(join(directory, 'jwks.json'), 'utf8')).toBe(first)
  })

  it('lets nobody else read the private key, and publishes nothing of it', async () => {
    const directory = await emptyDirectory()
    await ensureDevelopmentIssuer(directory)

    const { mode } = await stat(join(directory, 'key.json'))
    const published = JSON.parse(await readFile(join(directory, 'jwks.json'), 'utf8')) as { keys: object[] }

    expect(mode & 0o777).toBe(0o600)
    expect(Object.keys(published.keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  })

  it.each([0, -1, 86_401, Number.NaN])('refuses a life of %d seconds', async (ttlSeconds) => {
    const { issueToken } = await ensureDevelopmentIssuer(await emptyDirectory())

    await expect(issueToken({ userId: 'u-1' }, ttlSeconds)).rejects.toThrow(RangeError)
  })

  it('says which file to delete when the key is spoiled', async () => {
    const directory = await emptyDirectory()
    await writeFile(join(directory, 'key.json'), '{')

    await expect(ensureDevelopmentIssuer(directory)).rejects.toThrow(/key\.json is not a key any more/)
  })
})
