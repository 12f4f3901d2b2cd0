import { describe, expect, it } from '@jest/globals'
import { createRecordingSubgraph, startGateway, stopAfterEach } from '../../support/embedded-gateway.js'

stopAfterEach()

const TYPES = `
  scalar JSON
  input Filter { and: [Filter!] }
  type Query { version: String }
  type Mutation { save(filter: Filter, any: JSON): String }
`
const PAGE = 'mutation Save($filter: Filter, $any: JSON) { save(filter: $filter, any: $any) }'

async function createWorld() {
  const subgraph = await createRecordingSubgraph({ save: 'saved' })
  const gateway = await startGateway({ own: { url: subgraph.url, typeDefs: TYPES } }, { page: PAGE })
  const post = async (body: string | Uint8Array<ArrayBuffer>, contentType = 'application/json') => {
    const headers = { 'content-type': contentType }
    const response = await fetch(`${gateway.url}/page`, { method: 'POST', headers, body })
    const { code, title } = (await response.json()) as { code?: string; title?: string }
    return { status: response.status, code, title }
  }
  return { post, subgraph }
}

describe('the body of a request to an endpoint is read by the rules of POST /graphql', () => {
  it('and becomes the variables', async () => {
    const { post, subgraph } = await createWorld()
    expect(await post('{"any":{"a":[1]}}')).toMatchObject({ status: 200 })
    expect(Object.values(JSON.parse(subgraph.seen.at(-1)?.body ?? '').variables)).toEqual([{ a: [1] }])
  })

  it.each([
    ['is broken', '{'],
    ['is a list', '[]'],
    ['is nested too deeply', `{"any":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['is nested too deeply where types are', `{"filter":${'{"and":['.repeat(20_000)}${']}'.repeat(20_000)}}`],
    ['is no UTF-8', Uint8Array.from(Buffer.from('{"any":"\xff"}', 'latin1'))],
  ])('so that one that %s is refused', async (_name, body) => {
    const { post, subgraph } = await createWorld()
    expect(await post(body)).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(subgraph.seen).toEqual([])
  })

  it.each(['application/json; charset=latin1', 'application/json; x', 'application/x-www-form-urlencoded'])(
    'so that one that is said to be %s is refused',
    async (contentType) => {
      const { post, subgraph } = await createWorld()
      expect(await post('{}', contentType)).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' })
      expect(subgraph.seen).toEqual([])
    },
  )
})
