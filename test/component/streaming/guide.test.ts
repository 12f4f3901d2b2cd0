/** docs/guides/subscriptions.md: its schema, its config and its curl line, as they stand there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { parse as parseYaml } from 'yaml'
import { ERROR_CATALOGUE } from '../../../src/kernel/error-catalogue.js'
import { startGateway, stopAfterEach } from '../../support/embedded-gateway.js'
import { startEventSubgraph, type EventSubgraph } from '../../support/event-subgraph.js'
import { askGraphql } from '../../support/graphql-client.js'
import { ROOT } from '../../support/shop.js'
import { createSignedIn } from '../../support/signed-in.js'

const GUIDE = readFileSync(join(ROOT, 'docs/guides/subscriptions.md'), 'utf8')
const block = (language: string): string =>
  new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(GUIDE)?.[1] ?? ''

const signedIn = createSignedIn()
let books: EventSubgraph | undefined

stopAfterEach()
afterEach(() => books?.close())

describe('the guide to subscriptions', () => {
  it('has a schema, a config and a line for curl that do what it shows', async () => {
    books = await startEventSubgraph({})
    const config = parseYaml(block('yaml')) as Readonly<Record<string, unknown>>
    const gateway = await startGateway(
      { books: { url: books.url, typeDefs: block('graphql') } },
      { config: { ...config, identity: { issuers: [signedIn.issuer] } } },
    )
    const line = block('sh')
    const headers = Object.fromEntries(
      [...line.matchAll(/-H ['"]([\w-]+): (.*)['"]/g)].map(([, name = '', value = '']) => [
        name,
        value.replace('$TOKEN', signedIn.createToken({ scope: 'book:read' })),
      ]),
    )
    const [, body = ''] = /-d '(.*)'/.exec(line) ?? []
    const asking = fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body })
    const source = await books.opened(0)
    source.next({ data: { bookChanged: { title: 'Emma' } } })
    source.complete()
    expect(await (await asking).text()).toBe(block('text'))

    const { query } = JSON.parse(body) as { query: string }
    const refused = await askGraphql(gateway.url, query, {
      headers: { ...headers, accept: 'application/json' },
    })
    expect([refused.status, refused.errors[0]?.extensions.code]).toEqual([406, 'NOT_ACCEPTABLE'])
  })

  it('names codes that there are', () => {
    const named = GUIDE.match(/\b[A-Z]+_[A-Z_]+\b/g) ?? []
    expect(named.length).toBeGreaterThan(5)
    for (const code of named) expect(Object.keys(ERROR_CATALOGUE)).toContain(code)
  })
})
