import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createToken, NOW_SECONDS } from '../../unit/identity/identity-world.js'
import { ACCESS_TOKEN, basic, EXCHANGE, startTokenWorld, type TokenWorld } from './token-world.js'

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

const exchange = (token: string) =>
  world.ask(
    { grant_type: EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN },
    basic('partner', 'secret-of-partner'),
  )

describe('a revoked token', () => {
  it.each([
    ['by its id', { jti: 'stolen' }],
    ['with its subject', { sub: 'u-gone' }],
  ])('%s is not exchanged for a good one', async (_name, claims) => {
    const view = await exchange(createToken(claims))

    expect(view.status).toBe(400)
    expect(view.json.error).toBe('invalid_request') // RFC 8693 §2.2.2
  })

  it('is not the one beside it', async () => {
    expect((await exchange(createToken({ jti: 'other' }))).status).toBe(200)
  })
})
