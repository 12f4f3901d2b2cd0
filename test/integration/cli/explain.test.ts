/** `gatehouse explain` in a folder of the test's own. */
import { generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { SignJWT } from 'jose'
import { FEDERATION_LINK, makeSupergraph, RATE_LIMIT_LINK } from '../../support/make-supergraph.js'
import { makeFolder, removeFolders, runGatehouse } from './run-gatehouse.js'

afterAll(removeFolders)

const SUPERGRAPH = makeSupergraph([
  {
    name: 'shop',
    url: 'http://127.0.0.1:1/graphql',
    typeDefs: `${FEDERATION_LINK}${RATE_LIMIT_LINK}
      type Query { item: Item secret: String @requiresScopes(scopes: [["secret:read"]]) }
      type Item { name: String @rateLimit(limit: 30, duration: 60) price: Int }`,
  },
]).sdl

const SHIELD = pathToFileURL(createRequire(import.meta.url).resolve('graphql-shield')).href
const KEYS = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const FILES = {
  'gateway.yaml': `
supergraph: { file: supergraph.graphql }
authorization: { rules: rules.js }
identity:
  apiKeys: { directory: keys, pepper: a-pepper-of-this-test-and-of-nobody-else }
  issuers:
    - issuer: https://away.example
      jwksUrl: http://127.0.0.1:1/jwks.json
    - issuer: https://issuer.example
      publicKey: |
${KEYS.publicKey.export({ type: 'spki', format: 'pem' }).toString().replaceAll(/^/gm, '        ')}
`,
  'supergraph.graphql': SUPERGRAPH,
  'rules.js': `import { rule } from '${SHIELD}'
    export default { Item: { price: rule('isBuyer')((_parent, _args, { client }) => client.name === 'till') } }`,
  'page.graphql': 'query Page { item { name price } secret } query Other { item { name } }',
  'wrong.graphql': '{ nope }',
}

let folder = ''
beforeAll(() => {
  folder = makeFolder(FILES)
})

async function tokenOf(scope: string, issuer = 'https://issuer.example'): Promise<string> {
  return new SignJWT({ scope, tenant: 'acme' })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(issuer)
    .setSubject('u-1')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(KEYS.privateKey)
}

const explain = (...args: readonly string[]) => runGatehouse(['explain', ...args], { cwd: folder })

describe('gatehouse explain', () => {
  it('shows what each field needs, what is lacking, and the plan of what is left', async () => {
    const { code, stdout, stderr } = await explain('page.graphql', '--operation', 'Page')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(`query Page
Caller: anonymous of default, plan free, no scopes

✓ item  (Query.item)  free
✓ item.name  (Item.name)  free; at most 30 times in 60 s
✗ item.price  (Item.price)  needs rule isBuyer; lacks rule isBuyer: UNAUTHORIZED_FIELD_OR_TYPE
✗ secret  (Query.secret)  needs scope secret:read; lacks scope secret:read: UNAUTHORIZED_FIELD_OR_TYPE

It runs without the refused fields: they are null, each with an error.

QueryPlan {
  Fetch(service: "shop") {
    {item{name}}
  }
}
`)
  })

  it('judges by the token that is given, and tells it all as JSON', async () => {
    const token = await tokenOf('secret:read')
    const { code, stdout } = await explain('page.graphql', '--operation', 'Page', '--token', token, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      caller: { user: 'u-1', tenant: 'acme', scopes: ['secret:read'] },
      outcome: 'runs-in-part',
      fields: [
        { path: 'item', decision: 'allowed' },
        { path: 'item.name', decision: 'allowed' },
        { path: 'item.price', decision: 'refused', missing: ['rule isBuyer'] },
        { path: 'secret', decision: 'allowed', needs: ['scope secret:read'] },
      ],
    })
  })

  it('judges by an API key, and by what a client says that it is', async () => {
    const made = await runGatehouse(
      ['keys', 'create', '--name', 'till', '--scopes', 'secret:read', '--tenant', 'acme'],
      { cwd: folder },
    )
    const asked = ['page.graphql', '--operation', 'Page', '--json']
    const { code, stdout } = await explain(...asked, '--api-key', made.stdout.trim(), '--client-name', 'till')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      caller: { kind: 'machine', tenant: 'acme', scopes: ['secret:read'] },
      outcome: 'runs',
    })
  })

  it('says that a token cannot be checked while the keys of its issuer cannot be had', async () => {
    const token = await tokenOf('secret:read', 'https://away.example')
    const { code, stdout, stderr } = await explain('page.graphql', '--operation', 'Page', '--token', token)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(
      'Refused with IDENTITY_UNAVAILABLE: The access token could not be checked now; requests with it are UNAUTHENTICATED meanwhile. The key set of its issuer cannot be loaded.\n',
    )
  })

  it.each([
    ['two credentials', ['page.graphql', '--token', 'x.y.z', '--api-key', 'k'], 'BAD_REQUEST'],
    ['a bad key', ['page.graphql', '--operation', 'Page', '--api-key', 'k'], 'The API key is not valid.'],
    ['a bad token', ['page.graphql', '--operation', 'Page', '--token', 'x.y.z'], 'UNAUTHENTICATED'],
    ['a document that does not fit', ['wrong.graphql'], 'GRAPHQL_VALIDATION_FAILED'],
    ['several operations', ['page.graphql'], 'OPERATION_RESOLUTION_FAILURE'],
    ['no such file', ['missing.graphql'], 'missing.graphql cannot be read.'],
    ['variables that are none', ['page.graphql', '--variables', '[1]'], '--variables must be a JSON object.'],
  ])('fails with the reason for %s', async (_what, args, reason) => {
    const { code, stdout, stderr } = await explain(...args)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(reason)
    expect(stderr.split('\n').length).toBeLessThan(5)
  })
})
