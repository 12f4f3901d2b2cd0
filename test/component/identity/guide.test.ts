/** The guide to tokens for partners: what it shows works as it says. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { validateConfig } from '../../../src/config/load.js'
import { isSecretOf, parseSecretHash } from '../../../src/identity/token-endpoint/secret-hash.js'
import { ROOT } from '../../support/shop.js'
import { createToken } from '../../unit/identity/identity-world.js'
import { askGraphql, basic, sha256, startTokenWorld, type TokenWorld } from './token-world.js'

const TEXT = readFileSync(join(ROOT, 'docs/guides/tokens-for-partners.md'), 'utf8')
const SECRET = '0f'.repeat(32)

const [, CONFIG = ''] = /```yaml\n([\s\S]*?)```/.exec(TEXT) ?? []
const { identity } = parse(CONFIG)
const [client] = identity.tokenEndpoint.clients

/** The form of the n-th curl line, as curl would send it. */
function formOf(line: number, subject = ''): string {
  const lines = TEXT.match(/curl -u[\s\S]*?oauth\/token.*(\n {2}-d.*)*/g) ?? []
  const data = [...(lines[line] ?? '').matchAll(/-d "?([^\s"]+)"?/g)].map(([, pair = '']) => pair)
  return data.join('&').replace('$USER_TOKEN', subject)
}

let world: TokenWorld
beforeAll(async () => {
  const clients = [{ ...client, secretHash: sha256(SECRET) }]
  const endpoint = { ...identity.tokenEndpoint, keysFile: undefined, audience: undefined, clients }
  world = await startTokenWorld({ endpoint })
})
afterAll(() => world.close())

describe('the guide to tokens for partners', () => {
  it('has a config that is valid', () => {
    expect(validateConfig({ identity }, {}).identity.tokenEndpoint?.clients).toHaveLength(1)
  })

  it('has a line for scrypt whose hash is that of the secret', async () => {
    const [, script = '', secret = ''] = /node -e '(.*)' '(.*)'/.exec(TEXT) ?? []
    const hash = parseSecretHash(
      execFileSync(process.execPath, ['-e', script, secret], { encoding: 'utf8' }).trim(),
    )

    if (hash === undefined) throw new Error('The line prints no hash.')
    expect([await isSecretOf(hash, secret), await isSecretOf(hash, `${secret} `)]).toEqual([true, false])
  })

  it('takes a plain SHA-256, as openssl prints it', async () => {
    const hash = parseSecretHash(`sha256:${createHash('sha256').update(SECRET).digest('hex')}`)

    expect(hash && (await isSecretOf(hash, SECRET))).toBe(true)
  })

  it('gets a token, uses it and exchanges it by the lines that it has', async () => {
    const credentials = basic(client.id, SECRET)
    const issued = await world.ask(formOf(0), credentials)
    const used = await askGraphql(world.send, issued.json.access_token)
    const exchanged = await world.ask(formOf(1, createToken()), credentials)

    expect(issued.json).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'order:read' })
    expect(used.status).toBe(200)
    expect(exchanged.json).toMatchObject({ token_type: 'Bearer', scope: 'order:read' })
    expect(await world.whoIs(issued.json.access_token)).toMatchObject({ kind: 'machine' })
    expect(await world.whoIs(exchanged.json.access_token)).toMatchObject({ kind: 'user', userId: 'u-1' })
  })
})
