/** docs/guides/subgraph-headers.md: its config and its code, as they stand there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { parse as parseYaml } from 'yaml'
import { signIdentity } from '../../../src/contract/identity-signature.js'
import {
  answer,
  createRecordingSubgraph,
  startGateway,
  stopAfterAll,
  type EmbeddedGateway,
  type RecordingSubgraph,
} from '../../support/embedded-gateway.js'
import { freePort } from '../../support/free-port.js'
import { askGraphql } from '../../support/graphql-client.js'
import { startProcess, type TestProcess } from '../../support/process.js'
import { ROOT } from '../../support/shop.js'
import { createSignedIn } from '../../support/signed-in.js'

stopAfterAll()

const SECRET = 'a secret of the guide'
const GUIDE = readFileSync(join(ROOT, 'docs/guides/subgraph-headers.md'), 'utf8')
const blocks = (language: string): readonly string[] =>
  [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  )
const [serverCode = '', checkCode = ''] = blocks('js')
const [yaml = ''] = blocks('yaml')

// Below the package, so that it is found by its name.
const folder = mkdtempSync(join(ROOT, 'dist', 'guide-'))
const signedIn = createSignedIn()

let verifying: TestProcess
let verifyingUrl: string
let other: RecordingSubgraph
let gateway: EmbeddedGateway

beforeAll(async () => {
  writeFileSync(join(folder, 'server.mjs'), serverCode)
  const port = String(await freePort())
  verifyingUrl = `http://127.0.0.1:${port}/graphql`
  const environment = { PORT: port, GATEWAY_SIGNING_SECRET: SECRET }
  verifying = startProcess(process.execPath, [join(folder, 'server.mjs')], { cwd: folder, env: environment })
  await verifying.printed(/listening/)
  other = await createRecordingSubgraph({ stars: 5 })
  const config = parseYaml(yaml.replace('${env.GATEWAY_SIGNING_SECRET}', SECRET)) as Record<string, unknown>
  gateway = await startGateway(
    {
      users: { url: verifyingUrl, typeDefs: 'type Query { me: String }' },
      reviews: { url: other.url, typeDefs: 'type Query { stars: Int }' },
    },
    { config: { ...config, identity: { issuers: [signedIn.issuer] } } },
  )
})
beforeEach(() => void other.seen.splice(0))
afterAll(async () => {
  await verifying.stop()
  rmSync(folder, { recursive: true })
})

async function isFromGateway(headers: object, body: string, secret = SECRET): Promise<boolean> {
  const file = join(folder, 'check.mjs')
  writeFileSync(file, checkCode)
  const { isFromGateway: check } = (await import(pathToFileURL(file).href)) as {
    isFromGateway: (headers: object, body: string, secret: string) => boolean
  }
  return check(headers, body, secret)
}

describe('the subgraph of the guide', () => {
  const BODY = '{"query":"{ me }"}'
  const identity = { 'x-user-id': 'u-1', 'x-tenant-id': 'acme', 'x-user-plan': 'free', 'x-user-scopes': '' }
  const now = () => Date.now() / 1_000
  const post = async (headers: Record<string, string>, body = BODY): Promise<number> =>
    (await fetch(verifyingUrl, { method: 'POST', headers, body })).status

  it('learns from the gateway who asks', async () => {
    const odd = signedIn.createToken({ sub: 'Zoë 100%' })

    expect((await askGraphql(gateway.url, '{ me }', { token: odd })).data).toEqual({ me: 'Zoë 100%' })
    expect((await askGraphql(gateway.url, '{ me }')).data).toEqual({ me: null })
  })

  it('passes a header on to the client as the rules say', async () => {
    const view = await askGraphql(gateway.url, '{ me }', { token: signedIn.createToken() })

    expect(view.header('x-served-by')).toBe('reviews-1')
  })

  it('believes nobody else', async () => {
    const signed = { ...identity, ...signIdentity(identity, BODY, SECRET, now()) }

    expect(await post(signed)).toBe(200)
    expect(await post({})).toBe(401)
    expect(await post(identity)).toBe(401)
    expect(await post({ ...signed, 'x-user-id': 'admin' })).toBe(401)
    expect(await post({ ...signed, 'x-user-roles': 'admin' })).toBe(401)
    expect(await post({ ...signed, 'x-user-id': 'u-1, admin' })).toBe(401)
    expect(await post(signed, '{"query":"{ other }"}')).toBe(401)
    expect(await post({ ...identity, ...signIdentity(identity, BODY, 'another secret', now()) })).toBe(401)
    expect(await post({ ...identity, ...signIdentity(identity, BODY, SECRET, now() - 70) })).toBe(401)
    expect(await post({ ...identity, ...signIdentity(identity, BODY, SECRET, now() + 70) })).toBe(401)
    expect(await post({ ...signed, 'x-gateway-timestamp': '' })).toBe(401)
  })
})

describe('the check that is written out', () => {
  it('believes what the gateway signed, and nothing else', async () => {
    const token = signedIn.createToken({ sub: 'a"b\\c', email: 'a@b', roles: ['x'], scope: 'order:read' })
    await askGraphql(gateway.url, '{ stars }', { token })
    await askGraphql(gateway.url, '{ stars }')
    expect(other.seen).toHaveLength(2)

    for (const { headers, body } of other.seen) {
      expect(await isFromGateway(headers, body)).toBe(true)
      expect(await isFromGateway({ ...headers, 'x-user-id': 'admin' }, body)).toBe(false)
      expect(await isFromGateway({ ...headers, 'x-user-email': 'x@y' }, body)).toBe(false)
      expect(await isFromGateway(headers, `${body} `)).toBe(false)
      expect(await isFromGateway(headers, body, 'another secret')).toBe(false)
      expect(await isFromGateway({ ...headers, 'x-gateway-timestamp': '1' }, body)).toBe(false)
      expect(await isFromGateway({ ...headers, 'x-gateway-timestamp': 'NaN' }, body)).toBe(false)
      expect(await isFromGateway({ ...headers, 'x-gateway-signature': undefined }, body)).toBe(false)
    }
  })
})

describe('the rules of the guide', () => {
  it('do what is said beside them', async () => {
    await askGraphql(gateway.url, '{ stars }', {
      headers: {
        'accept-language': 'de',
        'x-app-a': '1',
        'x-region': 'us',
        'x-old-locale': 'de-CH',
        'x-else': '1',
      },
    })

    const [seen] = other.seen
    expect(seen?.headers).toMatchObject({ 'accept-language': 'de', 'x-region': 'eu', 'x-locale': 'de-CH' })
    for (const name of ['x-app-a', 'x-old-locale', 'x-else']) expect(seen?.headers[name]).toBeUndefined()
  })

  it('let cookies through', async () => {
    const behave = other.behave
    other.behave = (response) => answer(response, { stars: 5 }, { 'set-cookie': ['a=1', 'b=2'] })

    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ stars }' }),
    })
    other.behave = behave

    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })
})
