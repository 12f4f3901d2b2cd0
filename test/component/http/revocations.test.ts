import { renameSync, writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import {
  createRecordingSubgraph,
  startGateway,
  stopAfterEach,
  type EmbeddedGateway,
} from '../../support/embedded-gateway.js'
import { eventually } from '../../support/eventually.js'
import { askGraphql, getJson } from '../../support/graphql-client.js'
import { createSignedIn } from '../../support/signed-in.js'

stopAfterEach()

const signedIn = createSignedIn()

async function createWorld(files: Readonly<Record<string, string>> = { 'revoked.txt': '# nobody yet\n' }) {
  const subgraph = await createRecordingSubgraph({ greeting: 'hello' })
  const revocations = { file: 'revoked.txt', refreshSeconds: 0.05 }
  const gateway = await startGateway(
    { own: { url: subgraph.url, typeDefs: 'type Query { greeting: String }' } },
    { config: { identity: { issuers: [signedIn.issuer], revocations, cookie: { name: 's' } } }, files },
  )
  return { gateway, subgraph }
}

function revoke({ folder }: EmbeddedGateway, text: string): void {
  writeFileSync(join(folder, 'new.txt'), text)
  renameSync(join(folder, 'new.txt'), join(folder, 'revoked.txt'))
}

const statusOf = async ({ url }: EmbeddedGateway, token: string): Promise<number> =>
  (await askGraphql(url, '{ greeting }', { token })).status

describe('a revoked token', () => {
  it('that was remembered is refused as soon as the list names it, and no other is', async () => {
    const { gateway, subgraph } = await createWorld()
    const token = signedIn.createToken({ jti: 'stolen' })
    const other = signedIn.createToken()
    expect([await statusOf(gateway, token), await statusOf(gateway, other)]).toEqual([200, 200])

    revoke(gateway, 'jti:stolen\n')
    await eventually(
      () => statusOf(gateway, token),
      (status) => status === 401,
    )

    const asked = subgraph.seen.length
    const { errors, header } = await askGraphql(gateway.url, '{ greeting }', { token })
    const inCookie = await askGraphql(gateway.url, '{ greeting }', {
      headers: { cookie: `s=${token}`, 'apollo-require-preflight': '1' },
    })
    expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect(header('www-authenticate')).toContain('invalid_token')
    expect(inCookie.status).toBe(401)
    expect(subgraph.seen).toHaveLength(asked)
    expect(await statusOf(gateway, other)).toBe(200)
    expect((await askGraphql(gateway.url, '{ greeting }')).status).toBe(200)
  })

  it('is one of all that a subject had before a time; a new one is good', async () => {
    const { gateway } = await createWorld()
    const now = Math.floor(Date.now() / 1_000)
    const before = signedIn.createToken({ iat: now - 10, jti: undefined })
    const after = signedIn.createToken({ iat: now - 4 })
    const other = signedIn.createToken({ iat: now - 10, sub: 'u-2' })

    revoke(gateway, `sub:u-1@${String(now - 5)}\n`)
    await eventually(
      () => statusOf(gateway, before),
      (status) => status === 401,
    )

    expect([await statusOf(gateway, after), await statusOf(gateway, other)]).toEqual([200, 200])
  })

  it('stays refused while the list cannot be read, and health says so', async () => {
    const { gateway } = await createWorld({ 'revoked.txt': 'jti:stolen\n' })
    const token = signedIn.createToken({ jti: 'stolen' })
    expect(await statusOf(gateway, token)).toBe(401)
    rmSync(join(gateway.folder, 'revoked.txt'))

    const ready = await eventually(
      () => getJson(`${gateway.url}/health/ready`),
      ({ body }) => JSON.stringify(body).includes('The last good list serves'),
    )
    expect(ready.status).toBe(200)
    expect(await statusOf(gateway, token)).toBe(401)
  })
})

describe('a list that was never there', () => {
  it('keeps the gateway from being ready and every token out, but not those without one', async () => {
    const { gateway } = await createWorld({})

    const { status, errors } = await askGraphql(gateway.url, '{ greeting }', {
      token: signedIn.createToken(),
    })

    expect([status, errors[0]?.extensions.code]).toEqual([503, 'IDENTITY_UNAVAILABLE'])
    expect((await getJson(`${gateway.url}/health/ready`)).status).toBe(503)
    expect((await askGraphql(gateway.url, '{ greeting }')).status).toBe(200)
  })
})
