/** Who may use the routes of operators. */
import { describe, expect, it } from '@jest/globals'
import { createRecordingSubgraph, startGateway, stopAfterEach } from '../../support/embedded-gateway.js'
import { createSignedIn } from '../../support/signed-in.js'

stopAfterEach()

const signedIn = createSignedIn()

async function start(admin: object) {
  const subgraph = await createRecordingSubgraph({ hello: 'world' })
  const { adminUrl } = await startGateway(
    { own: { url: subgraph.url, typeDefs: 'type Query { hello: String }' } },
    { config: { identity: { issuers: [signedIn.issuer] }, admin } },
  )
  return async (token: string | undefined) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(`${adminUrl}/supergraph`, { headers })
    const text = await response.text()
    return response.ok ? 'let in' : (JSON.parse(text) as { code: string }).code
  }
}

describe('the admin listener', () => {
  it('takes a token of an issuer with the scope of operators, beside the admin token', async () => {
    const ask = await start({ operatorScope: 'operate', token: 'a-secret', allowedAddresses: [] })
    const operator = signedIn.createToken({ scope: 'read operate' })

    expect(await ask(operator)).toBe('let in')
    expect(await ask('a-secret')).toBe('let in')
    expect(await ask(signedIn.createToken({ scope: 'admin operator' }))).toBe('FORBIDDEN')
    expect(await ask(`${operator.slice(0, -4)}AAAA`)).toBe('UNAUTHENTICATED')
    expect(await ask('another-secret')).toBe('UNAUTHENTICATED')
    expect(await ask(undefined)).toBe('FORBIDDEN')
  })

  it('takes none where no scope is named, and refuses it even from an allowed address', async () => {
    const ask = await start({})
    expect(await ask(undefined)).toBe('let in')
    expect(await ask(signedIn.createToken({ scope: 'admin operate' }))).toBe('UNAUTHENTICATED')
  })
})
