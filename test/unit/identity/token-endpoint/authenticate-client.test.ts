import { scryptSync } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { createAuthenticateClient } from '../../../../src/identity/token-endpoint/authenticate-client.js'
import type { ClientOptions } from '../../../../src/identity/token-endpoint/options.js'
import type { RouteRequest } from '../../../../src/kernel/route.js'
import { sha256 } from '../../../component/identity/token-world.js'

const scrypt = (secret: string, N: number) => {
  const salt = Buffer.alloc(16, secret)
  const digest = scryptSync(secret, salt, 32, { N, r: 8, p: 1, maxmem: 2 ** 27 })
  return `scrypt:${String(N)}:8:1:${salt.toString('base64url')}:${digest.toString('base64url')}`
}

const client = (id: string, secretHash: string) => ({ id, secretHash }) as ClientOptions
const CLIENTS = [
  client('fast', sha256('fast-secret')),
  client('slow', scrypt('slow-secret', 16_384)),
  client('slower', scrypt('slower-secret', 32_768)),
]
const authenticate = createAuthenticateClient(CLIENTS)
const NO_HEADER = { arrival: { credentials: {} } } as RouteRequest

/** The client's id, or the refusal's code; and the milliseconds of processor that it took, in all threads. */
async function attempt(id: string, secret: string) {
  const form = new Map([
    ['client_id', id],
    ['client_secret', secret],
  ])
  const before = process.cpuUsage()
  const outcome = await authenticate(NO_HEADER, form).then(
    (found) => found.id,
    (error: unknown) => (error as { code: string }).code,
  )
  const { user, system } = process.cpuUsage(before)
  return { outcome, milliseconds: (user + system) / 1_000 }
}

describe('clients with hashes of several kinds', () => {
  it('are each admitted by their own secret only', async () => {
    const ids = CLIENTS.map(({ id }) => id)
    const outcomes = await Promise.all(
      ids.flatMap((id) => ids.map(async (other) => (await attempt(id, `${other}-secret`)).outcome)),
    )

    expect(outcomes).toEqual(ids.flatMap((id) => ids.map((other) => (id === other ? id : 'invalid_client'))))
  })

  it('cost the same work as one that does not exist, whatever their own hash costs', async () => {
    const fastest = async (id: string) => {
      const times: number[] = []
      for (let round = 0; round < 7; round += 1) times.push((await attempt(id, 'guess')).milliseconds)
      return Math.min(...times)
    }
    const [unknown, fast, slow] = [await fastest('nobody'), await fastest('fast'), await fastest('slow')]

    // Without the decoys an unknown client and a fast hash would cost a hundredth of this.
    expect(Math.min(unknown, fast, slow) / Math.max(unknown, fast, slow)).toBeGreaterThan(0.4)
  })
})
