/** Trusted documents where an operation comes by another way than a plain request, and limits by where it comes from. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { stopAfterEach } from '../../support/embedded-gateway.js'
import { openStream } from '../../support/read-stream.js'
import { closeSockets, openSocketClient, type Message } from '../../support/socket-client.js'
import { sha256 } from '../../support/sha256.js'
import {
  ask,
  byHash,
  GOOD,
  HOME,
  HOME_DATA,
  startTrustedWorld,
  verdictOf,
  type DocumentsWorld,
} from './documents-world.js'

stopAfterEach()
afterEach(closeSockets)

describe('over a WebSocket', () => {
  async function outcomesOf({ gateway }: DocumentsWorld, payloads: readonly object[]) {
    const client = await openSocketClient(gateway.url)
    await client.init()
    const outcomes: (string | undefined)[] = []
    for (const [index, payload] of payloads.entries()) {
      const id = String(index)
      client.send({ id, type: 'subscribe', payload })
      outcomes.push(shortly(await client.outcome(id)))
    }
    return outcomes
  }

  it('only ids run where ids are required, under every name that a server takes', async () => {
    const world = await startTrustedWorld(
      { mode: 'requireId' },
      { config: { server: { documentIdParameters: ['documentId', 'doc_id'] } } },
    )

    const outcomes = await outcomesOf(world, [
      { documentId: 'home' },
      { doc_id: 'home' },
      { extensions: byHash('home') },
      { query: HOME },
      { query: HOME, extensions: byHash(sha256(HOME)) },
      { documentId: 'nothing' },
      { documentId: 'home', query: '{ me { email } }' },
    ])

    const data = JSON.stringify(HOME_DATA)
    expect(outcomes).toEqual([
      data,
      data,
      data,
      'PERSISTED_QUERY_ID_REQUIRED',
      'PERSISTED_QUERY_ID_REQUIRED',
      'PERSISTED_QUERY_NOT_IN_LIST',
      'PERSISTED_QUERY_HASH_MISMATCH',
    ])
    expect(world.subgraph.seen).toHaveLength(3)
  })

  it('an unlisted text is refused on the safelist', async () => {
    const world = await startTrustedWorld({ mode: 'safelist' })
    const outcomes = await outcomesOf(world, [{ query: HOME }, { query: '{ me { name } }' }])
    expect(outcomes).toEqual([JSON.stringify(HOME_DATA), 'QUERY_NOT_IN_SAFELIST'])
  })
})

describe('over server-sent events', () => {
  it('only ids run where ids are required', async () => {
    const world = await startTrustedWorld({ mode: 'requireId' })
    const stream = await openStream(world.gateway.url, { documentId: 'home' })
    expect(await stream.next()).toEqual({ data: HOME_DATA })
    expect(await stream.next()).toBe('complete')

    const headers = { accept: 'text/event-stream' }
    expect(verdictOf(await ask(world.gateway, { body: { query: HOME }, headers }))).toEqual([
      400,
      'PERSISTED_QUERY_ID_REQUIRED',
    ])
    expect(world.subgraph.seen).toHaveLength(1)
  })
})

describe('a class of limits for documents', () => {
  const once = (documents: string) => ({
    limits: {
      requests: {
        classes: [{ name: 'few', match: { documents: [documents] }, limits: [{ per: 'address', limit: 1 }] }],
      },
    },
  })
  const byId = { body: { documentId: 'home' } }
  const byText = { body: { query: HOME } }
  const LIMITED = [429, 'REQUEST_RATE_LIMITED']

  it.each([
    ['text', [byText, byText, byId, byId], [GOOD, LIMITED, GOOD, GOOD]],
    ['trusted', [byId, byText, byText, byId], [GOOD, GOOD, GOOD, LIMITED]],
  ])('is for %s alone', async (documents, asked, expected) => {
    const { gateway } = await startTrustedWorld({ mode: 'log' }, { config: once(documents) })
    const verdicts = []
    for (const each of asked) verdicts.push(verdictOf(await ask(gateway, each)))
    expect(verdicts).toEqual(expected)
  })
})

/** The data of an operation, or the code of its first error. */
function shortly(messages: readonly Message[]): string | undefined {
  const [{ type, payload } = { type: 'nothing' }] = messages
  const answer = payload as { data?: unknown; errors?: { extensions: { code: string } }[] } | undefined
  const errors = type === 'error' ? (payload as { extensions: { code: string } }[]) : answer?.errors
  return errors === undefined ? JSON.stringify(answer?.data) : errors[0]?.extensions.code
}
