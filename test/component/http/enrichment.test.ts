import { describe, expect, it } from '@jest/globals'
import { createRecordingSubgraph, startGateway, stopAfterEach } from '../../support/embedded-gateway.js'
import { askGraphql } from '../../support/graphql-client.js'
import { createSignedIn } from '../../support/signed-in.js'

stopAfterEach()

const TYPES = 'type Query { greeting: String secret: String @requiresScopes(scopes: [["secret"]]) }'

async function createWorld(module: string, enrichment: object = {}) {
  const subgraph = await createRecordingSubgraph({ greeting: 'hello', secret: 'told' })
  const signedIn = createSignedIn()
  const gateway = await startGateway(
    { own: { url: subgraph.url, typeDefs: TYPES } },
    {
      config: {
        identity: { issuers: [signedIn.issuer], enrichment: { module: 'enrich.mjs', ...enrichment } },
      },
      files: { 'enrich.mjs': module },
    },
  )
  return { gateway, subgraph, token: signedIn.createToken({ scope: 'secret' }) }
}

describe('an enrichment module', () => {
  it('adds what subgraphs are told, once for many requests', async () => {
    const { gateway, subgraph, token } = await createWorld(
      `let calls = 0
       export default (principal) => ({ email: \`\${principal.userId}.\${++calls}@example.org\` })`,
    )

    for (let index = 0; index < 3; index++) await askGraphql(gateway.url, '{ greeting }', { token })

    expect(subgraph.seen.map(({ headers }) => headers['x-user-email'])).toEqual(
      Array.from({ length: 3 }, () => 'u-1.1@example.org'),
    )
  })

  it('takes a scope away before anything is asked', async () => {
    const { gateway, subgraph, token } = await createWorld('export default () => ({ scopes: [] })')

    const { data, errors } = await askGraphql(gateway.url, '{ greeting secret }', { token })

    expect(data).toEqual({ greeting: 'hello', secret: null })
    expect(errors[0]?.extensions.code).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
    expect(subgraph.seen[0]?.body).not.toContain('secret')
  })

  it('is not asked about callers without a credential', async () => {
    const { gateway } = await createWorld('export default () => { throw new Error() }', {
      onFailure: 'refuse',
    })

    expect((await askGraphql(gateway.url, '{ greeting }')).data).toEqual({ greeting: 'hello' })
  })

  it('that fails refuses with 503 where the operator says so, and nothing of why is told', async () => {
    const { gateway, subgraph, token } = await createWorld(
      'export default () => { throw new Error("password") }',
      { onFailure: 'refuse' },
    )

    const { status, errors, header, text } = await askGraphql(gateway.url, '{ greeting }', { token })

    expect([status, errors[0]?.extensions.code]).toEqual([503, 'IDENTITY_UNAVAILABLE'])
    expect(header('retry-after')).toBe('5')
    expect(text).not.toContain('password')
    expect(subgraph.seen).toEqual([])
  })

  it.each([
    ['does not exist', undefined],
    ['does not parse', 'export default ('],
    ['exports no function', 'export const enrich = () => ({})'],
  ])('that %s keeps the gateway from starting', async (_name, module) => {
    await expect(
      createWorld(module ?? '', module === undefined ? { module: 'none.mjs' } : {}),
    ).rejects.toThrow(/enrichment module .*(cannot be loaded|exports no function)/)
  })
})
