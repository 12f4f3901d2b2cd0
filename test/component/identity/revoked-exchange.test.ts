import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createToken, NOW_SECONDS } from '../../unit/identity/identity-world.js'
import { exchange, PARTNER, startTokenWorld, type TokenWorld } from './token-world.js'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-revoked-'))
let world: TokenWorld

beforeAll(async () => {
  const file = join(folder, 'revoked.txt')
  writeFileSync(file, `jti:stolen\nsub:u-gone@${String(NOW_SECONDS)}\n`)
  world = await startTokenWorld({ identity: { revocations: { file } } })
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true })
})

describe('a revoked token', () => {
  it.each([
    ['by its id', { jti: 'stolen' }],
    ['with its subject', { sub: 'u-gone' }],
  ])('%s is not exchanged for a good one', async (_name, claims) => {
    const view = await world.ask(exchange(createToken(claims)), PARTNER)

    expect(view.status).toBe(400)
    expect(view.json.error).toBe('invalid_request') // RFC 8693 §2.2.2
  })

  it('is not the one beside it', async () => {
    expect((await world.ask(exchange(createToken({ jti: 'other' })), PARTNER)).status).toBe(200)
  })
})
