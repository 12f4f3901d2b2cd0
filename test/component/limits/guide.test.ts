/** The guide to cost and field limits: its schema, operation and configuration do what it says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse as parseYaml } from 'yaml'
import { createRecordingSubgraph, startGateway, stopAfterEach } from '../../support/embedded-gateway.js'
import { askGraphql } from '../../support/graphql-client.js'
import { FEDERATION_LINK, RATE_LIMIT_LINK } from '../../support/make-supergraph.js'
import { ROOT } from '../../support/shop.js'

stopAfterEach()

function blocks(language: string): readonly string[] {
  const guide = readFileSync(join(ROOT, 'docs/guides/cost-and-field-limits.md'), 'utf8')
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  )
}

async function createWorld(config: string) {
  const [typeDefs = ''] = blocks('graphql')
  const books = await createRecordingSubgraph({
    newest: [{ title: 'A', publisher: { address: { zipCode: '1' } } }],
    bestsellers: [],
    search: [],
    booksByIds: [],
  })
  const gateway = await startGateway(
    { books: { url: books.url, typeDefs: FEDERATION_LINK + RATE_LIMIT_LINK + typeDefs } },
    { config: parseYaml(config) as Record<string, unknown> },
  )
  return { books, ask: (query: string, headers = {}) => askGraphql(gateway.url, query, { headers }) }
}

describe('the guide to cost and field limits', () => {
  const [, newest = ''] = blocks('graphql')
  const [measure = '', enforce = ''] = blocks('yaml')
  const [told = ''] = blocks('json')

  it('has an operation of the cost that it says', async () => {
    const { ask } = await createWorld(measure)
    const { text, header } = await ask(newest, { 'x-cost': 'report' })
    expect(JSON.parse(text)).toMatchObject({ extensions: { cost: JSON.parse(told) } })
    expect(header('x-cost-estimated')).toBe('21')
  })

  it('has limits on cost that act as it says', async () => {
    const { ask, books } = await createWorld(enforce)
    expect(await ask(newest)).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'COST_ESTIMATED_TOO_EXPENSIVE', costEstimated: 21, costMaximum: 20 } }],
    })
    expect((await ask('{ newest { title } }')).errors).toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ])
    expect(books.seen).toHaveLength(0)
    // Twenty of the thirty are paid in advance, and given back since nothing came.
    const twenty =
      '{ a: bestsellers { title publisher { name } } b: bestsellers { title publisher { name } } }'
    expect((await ask(twenty)).header('ratelimit')).toContain('"cost";r=30;t=0')
    expect((await ask(twenty)).header('ratelimit')).toMatch(/"cost";r=(29|30);t=/)
  })

  it('has limits on fields that act as it says', async () => {
    const { ask } = await createWorld(measure)
    const search = (language: string) =>
      ask(`{ search(text: "a", language: "${language}") { title } bestsellers { title } }`)
    await search('en')
    await search('en')
    expect((await search('en')).errors).toMatchObject([
      { path: ['search'], extensions: { code: 'FIELD_RATE_LIMITED', retryAfterSeconds: expect.any(Number) } },
    ])
    expect((await search('de')).errors).toEqual([])
    const many = JSON.stringify(Array.from({ length: 60 }, (_none, index) => String(index)))
    const byIds = `{ booksByIds(ids: ${many}) { title } }`
    expect((await ask(byIds)).errors).toEqual([])
    expect(await ask(byIds)).toMatchObject({
      status: 429,
      errors: [{ extensions: { code: 'FIELD_RATE_LIMITED' } }],
    })
  })
})
