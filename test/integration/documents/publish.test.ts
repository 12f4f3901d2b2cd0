/** `gatehouse documents`, and gateways that take what it publishes: by a file, by Redis, as the guide shows it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { parse as parseYaml } from 'yaml'
import { validateConfig } from '../../../src/config/load.js'
import { eventually } from '../../support/eventually.js'
import { ROOT } from '../../support/shop.js'
import { describeWithRedis, startRedis } from '../../support/start-redis.js'
import { makeFolder, removeFolders } from '../cli/run-gatehouse.js'
import { askFor, startDocumentGateways } from './document-gateways.js'

const GUIDE = readFileSync(join(ROOT, 'docs/guides/trusted-documents.md'), 'utf8')
const blocksOf = (language: string): readonly string[] =>
  [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  )

const HOME = { me: { id: 'u-1', name: 'Ada' } }
const apollo = (...bodies: string[]): string =>
  JSON.stringify({
    format: 'apollo-persisted-query-manifest',
    version: 1,
    operations: bodies.map((body) => ({ id: /query (\w+)/.exec(body)?.[1] ?? '', body })),
  })

afterAll(removeFolders)

describe('the guide', () => {
  it('publishes a folder to a file that a running gateway takes at once', async () => {
    const [operation = ''] = blocksOf('graphql')
    const [first = '', ladder = ''] = blocksOf('yaml')
    const file = join(makeFolder({}), 'trusted-documents.json')
    const withFile = (yaml: string) => {
      const config = parseYaml(yaml)
      config.documents.trusted.published.file = file
      return config
    }
    const world = await startDocumentGateways(withFile(first), { 'operations/home.graphql': operation })
    try {
      const gateway = await world.serve(withFile(ladder))
      const { trusted } = validateConfig(withFile(ladder), {}).documents
      expect([trusted.mode, trusted.modeByPrincipal.anonymous]).toEqual(['safelist', 'requireId'])
      expect(await world.run('list')).toMatchObject({ code: 0, stdout: 'There are no trusted documents.\n' })

      const published = await world.run('publish', 'operations')
      const { stdout } = await world.run('list', '--json')

      expect(published).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('1 document, of which 1 new'),
      })
      const [{ id, name }] = JSON.parse(stdout)
      expect(name).toBe('Home')
      for (const request of blocksOf('json')) {
        const body = JSON.parse(request.replace('<id>', id))
        const answer = await eventually(
          () => askFor(gateway, body),
          ([status]) => status === 200,
        )
        expect(answer).toEqual([200, HOME])
      }
      expect(await askFor(gateway, { query: operation })).toEqual([400, 'PERSISTED_QUERY_ID_REQUIRED'])
    } finally {
      await world.close()
    }
  })
})

describe('gatehouse documents', () => {
  it('adds, prunes on demand and never gives an id another meaning', async () => {
    const world = await startDocumentGateways(
      { documents: { trusted: { published: { file: 'published.json' } } } },
      {
        'one.json': apollo('query A { me { id } }', 'query B { me { name } }'),
        'two.json': apollo('query B { me { name } }', 'query C { me { id name } }'),
        'other.json': apollo('query A { me { name } }'),
        'ios.json': '{"X": "query X { me { id } }"}',
        'unfit.json': apollo('query D { me { id } }', 'query E {\n me { age }\n}'),
      },
    )
    const namesOf = async () =>
      (JSON.parse((await world.run('list', '--json')).stdout) as { name: string }[]).map(({ name }) => name)
    try {
      expect((await world.run('publish', 'one.json')).code).toBe(0)
      expect((await world.run('publish', 'ios.json', '--client-name', 'ios')).code).toBe(0)
      expect((await world.run('publish', 'two.json')).stdout).toMatch(
        /4 documents, of which 1 new and 3 from before; 0 pruned/,
      )
      expect(await namesOf()).toEqual(['A', 'B', 'X', 'C'])

      const conflict = await world.run('publish', 'other.json')
      expect([conflict.code, conflict.stderr]).toEqual([
        1,
        expect.stringMatching(
          /^✗ other\.json:1: A \(A\) has an id that was published for another document\.\n1 finding/,
        ),
      ])
      const unfit = await world.run('publish', 'unfit.json')
      expect([unfit.code, unfit.stderr]).toEqual([
        1,
        expect.stringMatching(
          /^✗ unfit\.json:1: E \(E\): Cannot query field "age" on type "User"\. \(line 2 of its text\)/,
        ),
      ])
      expect((await world.run('check', 'unfit.json')).code).toBe(1)
      expect((await world.run('check', 'nothing.json')).stderr).toMatch(
        /^✗ nothing\.json:1: It cannot be read/,
      )
      expect(await namesOf()).toEqual(['A', 'B', 'X', 'C'])

      expect((await world.run('publish', 'two.json', '--prune')).stdout).toContain('1 pruned')
      expect(await namesOf()).toEqual(['B', 'X', 'C'])
      expect(await world.run('check')).toMatchObject({ code: 0, stdout: '✓ 3 documents fit the graph.\n' })
      expect((await world.run('publish')).code).toBe(2)
      expect((await world.run('publish', 'two.json', '--never')).code).toBe(2)
    } finally {
      await world.close()
    }
  })
})

describe('what gateways would refuse', () => {
  it.each([
    [
      'has an id that the config lists for another document',
      'other.json',
      /✗ other\.json:1: A \(A\) has the id of another document, at own\.json:1\.\n1 finding/,
    ],
    [
      'makes the manifest larger than it may be',
      'large.json',
      /✗ published\.json:1: It is larger than 1024 bytes \(documents\.trusted\.maxBytes\)\.\n1 finding/,
    ],
  ])('is not published: what %s', async (_, file, finding) => {
    const trusted = { manifests: ['own.json'], maxBytes: 1_024, published: { file: 'published.json' } }
    const texts = Array.from(
      { length: 7 },
      (_, at) => `query Q${String(at)} { me { id ${'name '.repeat(9)}} }`,
    )
    const world = await startDocumentGateways(
      { documents: { trusted } },
      {
        'own.json': apollo('query A { me { id } }'),
        'one.json': apollo('query B { me { id } }'),
        'other.json': apollo('query A { me { name } }'),
        'large.json': apollo(...texts),
      },
    )
    try {
      expect((await world.run('publish', 'one.json')).code).toBe(0)
      const before = readFileSync(join(world.folder, 'published.json'), 'utf8')

      const refused = await world.run('publish', file)

      expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(finding)])
      expect(readFileSync(join(world.folder, 'published.json'), 'utf8')).toBe(before)
    } finally {
      await world.close()
    }
  })
})

describeWithRedis('documents published through Redis', () => {
  it('are published to neither place where one of them refuses them', async () => {
    const redis = await startRedis()
    const world = await startDocumentGateways(
      {
        redis: { url: redis.url },
        documents: { trusted: { published: { file: 'published.json', redis: true } } },
      },
      {
        'published.json': apollo('query A { me { id } }'),
        'one.json': apollo('query A { me { name } }', 'query B { me { name } }'),
      },
    )
    try {
      expect((await world.run('publish', 'one.json')).stderr).toContain('published for another document')

      const { stdout } = await world.run('list', '--json')

      expect((JSON.parse(stdout) as { id: string }[]).map(({ id }) => id)).toEqual(['A'])
    } finally {
      await world.close()
      await redis.stop()
    }
  })

  it('are taken by all gateways within seconds, and stay when Redis goes', async () => {
    const redis = await startRedis()
    const world = await startDocumentGateways(
      {
        redis: { url: redis.url },
        documents: { trusted: { mode: 'requireId', published: { redis: true } } },
      },
      { 'one.json': apollo('query A { me { id name } }'), 'two.json': apollo('query B { me { id name } }') },
    )
    try {
      const gateways = [await world.serve(), await world.serve()]
      for (const [file, documentId] of [
        ['one.json', 'A'],
        ['two.json', 'B'],
      ] as const) {
        expect(await world.run('publish', file)).toMatchObject({
          code: 0,
          stdout: expect.stringContaining('Redis'),
        })
        for (const gateway of gateways) {
          await eventually(
            () => askFor(gateway, { documentId }),
            ([status]) => status === 200,
          )
        }
      }
      await redis.restart()
      for (const gateway of gateways) {
        for (const documentId of ['A', 'B'])
          expect(await askFor(gateway, { documentId })).toEqual([200, HOME])
      }
      await redis.kill()
      for (const gateway of gateways) expect(await askFor(gateway, { documentId: 'A' })).toEqual([200, HOME])
      expect((await world.run('publish', 'one.json')).code).toBe(1)
    } finally {
      await world.close()
      await redis.stop()
    }
  })
})
