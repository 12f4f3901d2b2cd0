import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { readManifests } from '../../../../src/documents/trusted/read-manifests.js'
import {
  TrustedDocumentsError,
  type TrustedDocument,
} from '../../../../src/documents/trusted/trusted-document.js'
import { TrustedSet } from '../../../../src/documents/trusted/trusted-set.js'
import { sha256 } from '../../../support/sha256.js'
import { apolloManifest, makeFolder } from './folder.js'

const MEGABYTE = 1024 * 1024

function read(folder: string, names: readonly string[] = ['m.json'], maxBytes = MEGABYTE) {
  const paths = names.map((name) => ({ path: join(folder, name), clientName: undefined, isOptional: false }))
  return readManifests(paths, maxBytes)
}
const readText = (text: string) => read(makeFolder({ 'm.json': text }))

async function findingsOf(
  work: Promise<readonly TrustedDocument[]> | (() => unknown),
): Promise<readonly string[]> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (error instanceof TrustedDocumentsError) return error.findings
    throw error
  }
  throw new Error('nothing was found')
}

describe("a manifest in Apollo's form", () => {
  it('is read with ids, names, kinds, clients and the lines where they stand', async () => {
    const documents = await readText(
      apolloManifest([
        { id: 'one', name: 'A', body: 'query A { me { id } }' },
        { id: 'two', body: 'mutation B { rename(name: "x") { id } }', clientName: 'web' },
        { id: 'two', body: '{ version }', clientName: null },
      ]),
    )

    expect(documents.map(({ id, name, type, clientName }) => [id, name, type, clientName])).toEqual([
      ['one', 'A', 'query', undefined],
      ['two', 'B', 'mutation', 'web'],
      ['two', undefined, 'query', undefined],
    ])
    expect(documents.map(({ place }) => place.replace(/^.*:/, ''))).toEqual(['6', '11', '16'])
  })

  it('is read with the lines of ids that another writer of JSON escaped', async () => {
    const ids = ['a/1', 'b+2', 'ü"3']
    const text = apolloManifest(ids.map((id) => ({ id, name: 'A', body: 'query A { me { id } }' })))
      .replace('a/1', 'a\\/1')
      .replace('b+2', '\\u0062\\u002B2')
      .replace('ü', '\\u00fc')

    const documents = await readText(text)

    expect(documents.map(({ id }) => id)).toEqual(ids)
    expect(documents.map(({ place }) => place.replace(/^.*:/, ''))).toEqual(['6', '11', '16'])
  })

  it.each([
    ['no JSON', '{ "format": ', /m\.json:1: It is not valid JSON/],
    ['a list', '[]', /m\.json:1: .*a JSON object is expected/],
    [
      'another format',
      '{"format":"x","version":1,"operations":[]}',
      /format "apollo-persisted-query-manifest"/,
    ],
    [
      'another version',
      '{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}',
      /version 1 are expected/,
    ],
    ['an operation without id', apolloManifest([{ id: '', body: '{ me { id } }' }]), /operations\[0\] needs/],
    [
      'an operation of nothing',
      apolloManifest([{ id: 'a', body: '' }]),
      /m\.json:6: Document "a": Syntax Error/,
    ],
    [
      'fragments only',
      apolloManifest([{ id: 'a', body: 'fragment F on User { id }' }]),
      /It has no operation/,
    ],
    [
      'a syntax error in the second line',
      apolloManifest([{ id: 'a', body: '{\n me { }\n}' }]),
      /m\.json:6: Document "a": Syntax Error.*\(line 2 of its text\)/,
    ],
    ['brackets without end', apolloManifest([{ id: 'a', body: '{a'.repeat(50_000) }]), /Document "a": /],
  ])('is refused where it is %s', async (_, text, finding) => {
    expect((await findingsOf(readText(text))).join('\n')).toMatch(finding)
  })

  it('tells all findings of all files at once', async () => {
    const folder = makeFolder({ 'a.json': apolloManifest([{ id: 'a', body: '{' }]), 'b.json': '[' })

    const findings = await findingsOf(read(folder, ['a.json', 'b.json', 'c.json']))

    expect(findings.map((finding) => finding.replace(/^.*\//, '').slice(0, 9))).toEqual([
      'a.json:6:',
      'b.json:1:',
      'c.json:1:',
    ])
  })

  it('is refused above its size, before it is read', async () => {
    const folder = makeFolder({ 'm.json': ' '.repeat(2_000) })

    expect((await findingsOf(read(folder, ['m.json'], 1_024)))[0]).toMatch(/larger than 1024 bytes/)
  })

  it('may hold ten thousand documents, and lets others work while it is read', async () => {
    const operations = Array.from({ length: 10_000 }, (_, index) => ({
      id: `id-${String(index)}`,
      body: `query Q${String(index)} { me { id name friend { id name } } }`,
    }))
    const folder = makeFolder({ 'm.json': apolloManifest(operations) })
    let turns = 0
    const turning = setInterval(() => (turns += 1))

    const documents = await read(folder, ['m.json'], 64 * MEGABYTE)

    clearInterval(turning)
    expect(documents).toHaveLength(10_000)
    expect(turns).toBeGreaterThan(3)
  })
})

describe("a map in Relay's form", () => {
  it('is read under any ids, and those of prototypes are ids like others', async () => {
    const documents = await readText(
      '{\n  "__proto__": "query A { me { id } }",\n  "constructor": "{ version }",\n\n  "operations": "query C($x: ID!) { user(id: $x) { name } }"\n}',
    )
    const set = new TrustedSet(documents)

    expect(documents.map(({ id, place }) => [id, place.replace(/^.*:/, '')])).toEqual([
      ['__proto__', '2'],
      ['constructor', '3'],
      ['operations', '5'],
    ])
    expect(set.find('__proto__', undefined)?.name).toBe('A')
    expect(['toString', 'hasOwnProperty', 'valueOf'].map((id) => set.find(id, '__proto__'))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('shows two texts under one id, of which JSON.parse keeps one', async () => {
    const documents = await readText('{\n"a": "{ version }",\n"a": "{ me { id } }"\n}')

    const [finding] = await findingsOf(() => new TrustedSet(documents))

    expect(finding).toMatch(/m\.json:3: document a has the id of another document, at .*m\.json:2/)
  })

  it.each(['{"a": 1}', '{"a": null}', '{"a": {"b": "{ version }"}}', '{"": "{ version }"}'])(
    'is refused as %s',
    async (text) => {
      expect((await findingsOf(readText(text)))[0]).toMatch(/m\.json:1: It is no manifest that is known/)
    },
  )
})

describe('a folder of .graphql files', () => {
  it('is read operation by operation, each with the fragments that it uses', async () => {
    const folder = makeFolder({
      'ops/home.graphql': '# start\nquery Home { me { ...Person } }\n\nquery Version { version }\n',
      'ops/rename.gql': 'mutation Rename { rename(name: "x") { ...Person } }',
      'ops/parts/person.graphql': 'fragment Person on User { id ...Name }\nfragment Name on User { name }',
      'ops/readme.txt': 'not GraphQL',
    })

    const documents = await read(folder, ['ops'])

    const text =
      'query Home {\n  me {\n    ...Person\n  }\n}\n\nfragment Name on User {\n  name\n}\n\nfragment Person on User {\n  id\n  ...Name\n}'
    expect(documents[0]).toMatchObject({ name: 'Home', source: text, id: sha256(text) })
    expect(documents.map(({ name, place }) => [name, place.replace(/^.*\/ops\//, '')])).toEqual([
      ['Home', 'home.graphql:2'],
      ['Version', 'home.graphql:4'],
      ['Rename', 'rename.gql:1'],
    ])
  })

  it.each([
    ['a syntax error', { 'ops/a.graphql': 'query A {\n me {\n' }, /ops\/a\.graphql:3: Syntax Error/],
    [
      'no such fragment',
      { 'ops/a.graphql': '{ me { ...F } }' },
      /ops\/a\.graphql:1: There is no fragment "F"/,
    ],
    [
      'two fragments of one name',
      {
        'ops/a.graphql': '{ me { ...F } } fragment F on User { id }',
        'ops/b.graphql': '\nfragment F on User { name }',
      },
      /ops\/b\.graphql:2: There is another fragment "F"/,
    ],
    ['types', { 'ops/a.graphql': 'type Query { a: Int }' }, /Only operations and fragments/],
  ])('is refused for %s', async (_, files, finding) => {
    const folder = makeFolder(files)

    expect((await findingsOf(read(folder, ['ops']))).join('\n')).toMatch(finding)
  })

  it('is refused above its size', async () => {
    const folder = makeFolder({ 'ops/a.graphql': '{ version }', 'ops/b.graphql': `# ${'x'.repeat(2_000)}` })

    expect((await findingsOf(read(folder, ['ops'], 1_024)))[0]).toMatch(/more than 1024 bytes/)
  })
})

describe('sources together', () => {
  const documents = (operations: Parameters<typeof apolloManifest>[0]) => readText(apolloManifest(operations))

  it('may list a document twice, in other white space too, but not two under one id', async () => {
    const one = await documents([{ id: 'a', body: '{ me { id name } }' }])
    const same = await documents([{ id: 'a', body: 'query {\n  me { id, name } # yes\n}' }])
    const other = await documents([{ id: 'a', body: '{ me { name id } }' }])

    expect(new TrustedSet([...one, ...same]).documents).toHaveLength(1)
    expect(await findingsOf(() => new TrustedSet([...one, ...other]))).toHaveLength(1)
  })

  it('finds ids exactly, for the client they are for before everybody', async () => {
    const set = new TrustedSet(
      await documents([
        { id: 'a', body: 'query Everybody { version }' },
        { id: 'a', body: 'query Web { version }', clientName: 'web' },
        { id: 'b', body: 'query Ios { version }', clientName: 'ios' },
        { id: 'f00d', body: 'query Hash { version }' },
      ]),
    )
    const nameOf = (id: string, client?: string) => set.find(id, client)?.name

    expect([nameOf('a'), nameOf('a', 'web'), nameOf('a', 'ios'), nameOf('a', '__proto__')]).toEqual([
      'Everybody',
      'Web',
      'Everybody',
      'Everybody',
    ])
    expect([nameOf('b'), nameOf('b', 'web'), nameOf('b', 'ios'), nameOf('b', 'IOS')]).toEqual([
      undefined,
      undefined,
      'Ios',
      undefined,
    ])
    expect(['A', ' a', 'a ', '', 'ａ'].map((id) => nameOf(id))).toEqual(Array(5).fill(undefined))
    expect([nameOf('sha256:f00d'), nameOf('SHA256:f00d'), nameOf('sha256:F00D')]).toEqual([
      'Hash',
      undefined,
      undefined,
    ])
  })
})
