/** Trusted documents as clients meet them, over POST and GET, on both fronts. */
import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse, print } from 'graphql'
import { eventually } from '../../support/eventually.js'
import { getJson } from '../../support/graphql-client.js'
import { stopAfterEach } from '../../support/embedded-gateway.js'
import { sha256 } from '../../support/sha256.js'
import { apolloManifest } from '../../unit/documents/trusted/folder.js'
import {
  ask,
  byHash,
  FULL,
  GOOD,
  HOME,
  HOME_DATA,
  MANIFEST,
  startDocumentsWorld,
  startTrustedWorld,
  verdictOf,
  type DocumentsWorld,
} from './documents-world.js'

stopAfterEach()

describe.each(['own', 'apollo'])('on the %s front', (front) => {
  const world = (trusted: object, server: object = {}): Promise<DocumentsWorld> =>
    startTrustedWorld(trusted, { config: { server: { front, ...server } } })

  it('a document is asked for by its id, over POST and GET, as documentId and as a hash', async () => {
    const { gateway } = await world({ mode: 'requireId' })
    const extensions = byHash('home')

    const views = [
      await ask(gateway, { body: { documentId: 'home' } }),
      await ask(gateway, { body: { extensions } }),
      await ask(gateway, { body: { documentId: 'home', query: HOME, operationName: 'Home' } }),
      await ask(gateway, { search: { documentId: 'home' } }),
      await ask(gateway, { search: { extensions: JSON.stringify(extensions) } }),
    ]

    expect(views.map(({ data }) => data)).toEqual(Array(5).fill(HOME_DATA))
    const web = await ask(gateway, {
      body: { documentId: 'home' },
      headers: { 'apollographql-client-name': 'web' },
    })
    expect(web.data).toEqual({ me: { name: 'Ada' } })
  })

  it('refusals have their codes, and no subgraph hears of them', async () => {
    const { gateway, subgraph } = await world({ mode: 'requireId' })

    expect(
      await Promise.all(
        [
          { body: { documentId: 'nothing' } },
          { body: { extensions: byHash(sha256(HOME)) } },
          { body: { query: HOME } },
          { body: { query: HOME, extensions: byHash(sha256(HOME)) } },
          { body: { documentId: 'home', query: FULL } },
          { body: { documentId: 'home', extensions: byHash('full') } },
          { search: { documentId: 'rename' } },
          { search: { documentId: '__proto__' } },
          { body: { documentId: 'constructor' } },
          { body: { documentId: 'HOME' } },
          { body: { documentId: 5 } },
          { body: { documentId: '' } },
          { body: {} },
        ].map(async (asked) => verdictOf(await ask(gateway, asked))),
      ),
    ).toEqual([
      [404, 'PERSISTED_QUERY_NOT_IN_LIST'],
      [404, 'PERSISTED_QUERY_NOT_IN_LIST'],
      [400, 'PERSISTED_QUERY_ID_REQUIRED'],
      [400, 'PERSISTED_QUERY_ID_REQUIRED'],
      [400, 'PERSISTED_QUERY_HASH_MISMATCH'],
      [400, 'PERSISTED_QUERY_HASH_MISMATCH'],
      [405, 'METHOD_NOT_ALLOWED'],
      [404, 'PERSISTED_QUERY_NOT_IN_LIST'],
      [404, 'PERSISTED_QUERY_NOT_IN_LIST'],
      [404, 'PERSISTED_QUERY_NOT_IN_LIST'],
      [400, 'BAD_REQUEST'],
      [400, 'BAD_REQUEST'],
      [400, 'BAD_REQUEST'],
    ])
    expect(subgraph.seen).toEqual([])
  })

  it('a document that is trusted is pruned like any other', async () => {
    const { gateway, subgraph } = await world({ mode: 'requireId' })

    const view = await ask(gateway, { body: { documentId: 'full' } })

    expect([view.data, verdictOf(view)]).toEqual([
      { me: { id: 'u-1', email: null } },
      [200, 'UNAUTHORIZED_FIELD_OR_TYPE'],
    ])
    expect(subgraph.seen.map(({ body }) => body).join()).not.toContain('email')
  })

  it('other parameters may name it, where the config says so', async () => {
    const { gateway } = await world({ mode: 'requireId' }, { documentIdParameters: ['doc_id', 'id'] })

    expect(verdictOf(await ask(gateway, { body: { doc_id: 'home' } }))).toEqual(GOOD)
    expect(verdictOf(await ask(gateway, { search: { id: 'home' } }))).toEqual(GOOD)
    expect(verdictOf(await ask(gateway, { body: { documentId: 'home' } }))).toEqual([400, 'BAD_REQUEST'])
  })
})

describe('rungs by principal', () => {
  it('hold anonymous callers to ids, users to the list, and let developers send anything', async () => {
    const { gateway, createToken } = await startTrustedWorld({
      mode: 'safelist',
      modeByPrincipal: { anonymous: 'requireId' },
      exempt: { roles: ['developer'] },
    })
    const other = { body: { query: '{ me { name } }' } }
    const user = createToken()
    const developer = createToken({ roles: ['developer'] })

    expect([
      verdictOf(await ask(gateway, other)),
      verdictOf(await ask(gateway, { ...other, token: user })),
      verdictOf(await ask(gateway, { body: { query: `${HOME} # same` }, token: user })),
      verdictOf(await ask(gateway, { ...other, token: developer })),
    ]).toEqual([[400, 'PERSISTED_QUERY_ID_REQUIRED'], [403, 'QUERY_NOT_IN_SAFELIST'], GOOD, GOOD])
  })

  it('are counted', async () => {
    const { gateway } = await startTrustedWorld({ mode: 'log' })
    await ask(gateway, { body: { query: '{ me { name } }' } })
    await ask(gateway, { body: { documentId: 'home' } })

    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()

    expect(metrics).toContain('gateway_documents_total{trust="unlisted",principal_kind="anonymous"} 1')
    expect(metrics).toContain('gateway_documents_total{trust="trusted",principal_kind="anonymous"} 1')
  })
})

describe('an operation that was pruned for somebody', () => {
  it('cannot be had by a hash: neither of its whole text nor of what was left of it', async () => {
    const { gateway, subgraph, createToken } = await startDocumentsWorld({})
    const token = createToken({ scope: 'user:email' })
    const whole = await ask(gateway, { body: { query: FULL, extensions: byHash(sha256(FULL)) }, token })
    expect(whole.data).toEqual({ me: { id: 'u-1', email: 'ada@acme' } })
    await ask(gateway, { body: { extensions: byHash(sha256(FULL)) } })
    subgraph.seen.length = 0

    const view = await ask(gateway, { body: { extensions: byHash(sha256(FULL)) } })

    expect([view.data, verdictOf(view)]).toEqual([
      { me: { id: 'u-1', email: null } },
      [200, 'UNAUTHORIZED_FIELD_OR_TYPE'],
    ])
    expect(subgraph.seen.map(({ body }) => body).join()).not.toContain('email')
    const sent = subgraph.seen.map(({ body }) => (JSON.parse(body) as { query: string }).query)
    for (const rest of [...sent, 'query Full { me { id } }', 'query Full {\n  me {\n    id\n  }\n}']) {
      const asked = await ask(gateway, { body: { extensions: byHash(sha256(rest)) } })
      expect(verdictOf(asked)).toEqual([200, 'PERSISTED_QUERY_NOT_FOUND'])
    }
  })
})

describe('manifests that change', () => {
  const NEWER = apolloManifest([{ id: 'home', body: 'query Newer { me { name } }' }])
  const reload = ({ adminUrl }: { readonly adminUrl: string }) =>
    fetch(`${adminUrl}/reload`, { method: 'POST' })
  const stateOf = async ({ url }: { readonly url: string }): Promise<string> => {
    const { body } = await getJson(`${url}/health/ready`)
    return JSON.stringify(body)
  }

  it('act without a restart', async () => {
    const { gateway } = await startTrustedWorld({ mode: 'requireId' })
    writeFileSync(join(gateway.folder, 'trusted.json'), NEWER)

    const view = await eventually(
      () => ask(gateway, { body: { documentId: 'home' } }),
      ({ data }) => data?.me.id === undefined,
    )

    expect(view.data).toEqual({ me: { name: 'Ada' } })
    expect(verdictOf(await ask(gateway, { body: { documentId: 'full' } }))[0]).toBe(404)
  })

  it('act at a reload, files of a folder too', async () => {
    const { gateway } = await startTrustedWorld(
      { mode: 'requireId', manifests: ['trusted.json', 'ops'], watch: false },
      { files: { 'ops/home.graphql': HOME } },
    )
    const id = sha256(print(parse(FULL)))
    const idInFolder = sha256(print(parse(HOME)))
    writeFileSync(join(gateway.folder, 'trusted.json'), NEWER)
    writeFileSync(join(gateway.folder, 'ops/full.graphql'), FULL)
    const views = () =>
      Promise.all(['home', id, idInFolder].map((documentId) => ask(gateway, { body: { documentId } })))

    expect((await views()).map(({ data }) => data?.me)).toEqual([HOME_DATA.me, undefined, HOME_DATA.me])
    expect((await reload(gateway)).status).toBe(200)
    expect((await views()).map(({ data }) => data?.me)).toEqual([
      { name: 'Ada' },
      { id: 'u-1', email: null },
      HOME_DATA.me,
    ])
  })

  it.each([
    ['is no JSON', '{'],
    [
      'has an id twice',
      apolloManifest([
        { id: 'a', body: HOME },
        { id: 'a', body: FULL },
      ]),
    ],
    ['has a text that does not parse', apolloManifest([{ id: 'a', body: '{ me {' }])],
    ['is gone', undefined],
  ])('are refused where the newest %s, and the one before goes on', async (_, text) => {
    const { gateway } = await startTrustedWorld({ mode: 'requireId', watch: false })
    const file = join(gateway.folder, 'trusted.json')
    if (text === undefined) unlinkSync(file)
    else writeFileSync(file, text)

    const answer = await reload(gateway)

    expect(answer.ok).toBe(false)
    expect((await ask(gateway, { body: { documentId: 'home' } })).data).toEqual(HOME_DATA)
    expect(await stateOf(gateway)).toMatch(/trusted documents.*degraded|degraded.*trusted documents/)
    writeFileSync(file, MANIFEST)
    expect((await reload(gateway)).status).toBe(200)
    expect(await stateOf(gateway)).not.toContain('degraded')
  })

  it.each([
    ['unreadable', {}],
    ['faulty', { 'trusted.json': '[]' }],
  ])('that are %s keep the gateway from starting', async (_, files) => {
    await expect(
      startDocumentsWorld({ trusted: { manifests: ['trusted.json'] } }, { files }),
    ).rejects.toThrow(/trusted\.json:1: /)
  })

  it('may hold documents that no longer fit: those are refused by themselves', async () => {
    const { gateway } = await startTrustedWorld(
      { mode: 'requireId' },
      {
        files: {
          'trusted.json': apolloManifest([
            { id: 'old', body: '{ me { age } }' },
            { id: 'home', body: HOME },
          ]),
        },
      },
    )

    expect(verdictOf(await ask(gateway, { body: { documentId: 'old' } }))).toEqual([
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ])
    expect((await ask(gateway, { body: { documentId: 'home' } })).data).toEqual(HOME_DATA)
  })
})
