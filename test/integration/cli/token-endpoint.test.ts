/** The token endpoint of a gateway as it is started: config file, real line, keys in a file. */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { mkdtemp, rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { askGraphql } from '../../support/graphql-client.js'
import { startRecordingSubgraph, type RecordingSubgraph } from '../../support/recording-subgraph.js'
import { serveGraph, type ServedGraph } from '../../support/serve.js'

const TYPES = 'type Query { open: String orders: String @requiresScopes(scopes: [["order:read"]]) }'
const BASIC = `Basic ${Buffer.from('partner:a-secret').toString('base64')}`

let subgraph: RecordingSubgraph
let folder: string
let gateway: ServedGraph
const heard = () => subgraph.seen.map(({ headers }) => headers)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
  subgraph = await startRecordingSubgraph({ open: 'yes', orders: 'some' })
  gateway = await serve()
})

afterAll(async () => {
  await gateway.close()
  await subgraph.close()
  await rm(folder, { recursive: true, force: true })
})

async function serve(): Promise<ServedGraph> {
  const config = {
    authorization: { mode: 'reject' },
    identity: {
      resource: { url: 'https://api.example' },
      tokenEndpoint: {
        issuer: 'https://api.example',
        keysFile: join(folder, 'keys.json'),
        clients: [
          {
            id: 'partner',
            secretHash: `sha256:${createHash('sha256').update('a-secret').digest('hex')}`,
            scopes: ['order:read', 'order:write'],
            tenant: 'acme',
          },
        ],
      },
    },
  }
  const own = { name: 'own', url: subgraph.url, typeDefs: TYPES }
  return serveGraph([own], {
    files: { 'gateway.yaml': JSON.stringify(config) },
    arguments: ['--config', 'gateway.yaml'],
  })
}

async function token(scope: string): Promise<string> {
  const response = await fetch(`${gateway.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: BASIC },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  })
  const { access_token: issued } = (await response.json()) as { access_token: string }
  return issued
}

describe('a token of the gateway', () => {
  it('opens what its scopes open, and the subgraph hears of its rights and of no user', async () => {
    subgraph.seen.length = 0
    const view = await askGraphql(gateway.url, '{ orders }', { token: await token('order:read') })

    expect([view.status, view.data]).toEqual([200, { orders: 'some' }])
    expect(heard()).toEqual([
      expect.objectContaining({ 'x-tenant-id': 'acme', 'x-user-scopes': 'order:read' }),
    ])
    expect(heard()[0]).not.toHaveProperty('x-user-id')
    expect(heard()[0]).not.toHaveProperty('authorization')
  })

  it('opens nothing else, and the refusal says which scope is missing', async () => {
    subgraph.seen.length = 0
    const view = await askGraphql(gateway.url, '{ open orders }', { token: await token('order:write') })
    const anonymous = await askGraphql(gateway.url, '{ open orders }')

    const metadata = 'resource_metadata="https://api.example/.well-known/oauth-protected-resource"'
    expect([view.status, view.errors[0]?.extensions.code]).toEqual([403, 'FORBIDDEN'])
    expect(view.header('www-authenticate')).toBe(
      `Bearer realm="gatehouse", error="insufficient_scope", scope="order:read", ${metadata}`,
    )
    expect(anonymous.header('www-authenticate')).toBe(
      `Bearer realm="gatehouse", scope="order:read", ${metadata}`,
    )
    expect(heard()).toEqual([])
  })

  it('outlives the process by the file of keys; a spoiled file stops the next start in one line', async () => {
    const issued = await token('order:read')
    await gateway.close()
    gateway = await serve()
    const view = await askGraphql(gateway.url, '{ orders }', { token: issued })

    const file = join(folder, 'keys.json')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.slice(1))
    const refusal = await serve().then(
      () => 'served',
      (error: unknown) => String(error),
    )
    writeFileSync(file, text)

    expect(view.data).toEqual({ orders: 'some' })
    expect(refusal).toMatch(
      /\nidentity\.tokenEndpoint\.keysFile: \S+keys\.json is not a file of signing keys\. .*\n/,
    )
  })
})
