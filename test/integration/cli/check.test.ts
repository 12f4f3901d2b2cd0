/** `gatehouse check` in a folder of the test's own: one run shows all there is to mend. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from '@jest/globals'
import { freePort } from '../../support/free-port.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { ROOT } from '../../support/shop.js'
import { makeFolder, removeFolders, runGatehouse } from './run-gatehouse.js'

afterAll(removeFolders)

const SUPERGRAPH = makeSupergraph([
  {
    name: 'shop',
    url: 'http://127.0.0.1:1/graphql',
    typeDefs: 'type Query { item(id: ID!): Item }\ntype Item { name: String }',
  },
]).sdl

const CONFIG = `
supergraph: { file: supergraph.graphql }
authorization: { rules: rules.js }
bff: { directory: endpoints }
`

const SHIELD = pathToFileURL(createRequire(import.meta.url).resolve('graphql-shield')).href

/** A rule module over shield's real constructors, as an operator would write it. */
const rules = (tree: string) => `import { allow, deny } from '${SHIELD}'\nexport default ${tree}\n`

const endpoint = (name: string) =>
  `import { defineEndpoint } from '${pathToFileURL(join(ROOT, 'dist/src/index.js')).href}'
   export const ${name} = defineEndpoint({ module: import.meta.url, path: '/${name}', summary: '', present: (data) => data })`

const SOUND = {
  'gateway.yaml': CONFIG,
  'supergraph.graphql': SUPERGRAPH,
  'rules.js': rules('{ Query: { item: allow } }'),
  'endpoints/first.js': endpoint('first'),
  'endpoints/first.graphql': 'query First($id: ID!) { item(id: $id) { name } }',
}

/** The exit code and the findings of `check` in a folder that differs from a sound one; null takes a file away. */
async function check(changes: Readonly<Record<string, string | null>>) {
  const files: Record<string, string> = {}
  const changed: Readonly<Record<string, string | null>> = { ...SOUND, ...changes }
  for (const [name, text] of Object.entries(changed)) if (text !== null) files[name] = text
  const { code, stdout, stderr } = await runGatehouse(['check'], { cwd: makeFolder(files) })
  return { code, stdout, findings: stderr.split(/^✗ /m).slice(1), stderr }
}

describe('gatehouse check', () => {
  it('names endpoints and routes of classes of limits that there are not', async () => {
    const classes = (endpoints: string, routes: string) =>
      `${CONFIG}limits: { requests: { classes: [{ name: some, match: { endpoints: [${endpoints}], routes: [${routes}] }, limits: [{ limit: 1 }] }] } }\n`
    const wrong = await check({
      'gateway.yaml': classes('First, Frist', '/first, /fi*, /graphql, /frist, /webhooks/*'),
    })
    expect(wrong.findings.map((finding) => finding.split('\n')[0])).toEqual([
      'limits: The class some is for the endpoint Frist, which there is not.',
      'limits: The class some is for the route /frist, which there is not.',
      'limits: The class some is for the route /webhooks/*, which there is not.',
    ])
    expect((await check({ 'gateway.yaml': classes('First', '/f*') })).code).toBe(0)
  })

  it('names callers whom a class of limits leaves without any', async () => {
    const classes = (limits: string, more = '') =>
      `${CONFIG}limits: { requests: { classes: [{ name: own, limits: [${limits}], alsoDefault: false${more} }] } }\n`
    const wrong = await check({ 'gateway.yaml': classes('{ per: user, limit: 1 }') })
    expect(wrong.code).toBe(1)
    expect(wrong.findings.map((finding) => finding.split(' without')[0])).toEqual([
      'limits: The class own leaves anonymous callers',
      'limits: The class own leaves machines with a token',
      'limits: The class own leaves API keys',
    ])
    const sound = classes('{ per: user, limit: 1 }', ', match: { principals: [user] }')
    expect((await check({ 'gateway.yaml': sound })).code).toBe(0)
  })

  it('has nothing against a sound folder, and says so', async () => {
    expect(await check({})).toEqual({
      code: 0,
      stdout: '✓ Config, supergraph, rules, stored operations and endpoints fit together.\n',
      findings: [],
      stderr: '',
    })
  })

  it('has nothing against the reference shop, of which nothing runs', async () => {
    const { code, stderr } = await runGatehouse(['check', '--config', join(ROOT, 'gateway.yaml')])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('names every key of the config that is not as it should be, at once', async () => {
    const { code, stderr } = await check({
      'gateway.yaml': `${CONFIG}\nserver: { prot: 1, port: high }\nlimitz: {}\nredis: { url: '\${env.NOT_SET_ANYWHERE}' }\n`,
    })
    expect(code).toBe(1)
    expect(stderr).toContain('server.prot: there is no such option.')
    expect(stderr).toContain('server.port: ')
    expect(stderr).toContain('limitz: there is no such option.')
    expect(stderr).toContain('NOT_SET_ANYWHERE is not set')
  })

  it('names what rules and operations get wrong, each by itself, at once', async () => {
    const { code, stdout, findings, stderr } = await check({
      'rules.js': rules('{ Query: { item: allow, itme: deny }, Itme: deny }'),
      'endpoints/first.graphql': 'query First($id: ID!) { item(id: $id) { title } }',
      'endpoints/second.js': endpoint('second'),
      'endpoints/second.graphql': 'query Second { item { name ',
      'endpoints/third.js': endpoint('third'),
      'endpoints/third.graphql': 'query Third { item(id: 1) { name colour } }',
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(findings.join('')).toContain('there is no field Query.itme')
    expect(findings.join('')).toContain('there is no type Itme')
    expect(findings).toContainEqual(expect.stringMatching(/^bff: .*\/first: .*"title"/))
    expect(findings).toContainEqual(expect.stringMatching(/^bff: .*second/i))
    expect(findings).toContainEqual(expect.stringMatching(/^bff: .*\/third: .*"colour"/))
    expect(findings).toHaveLength(4)
    expect(stderr).toMatch(/^4 finding\(s\)\.\n$/m)
  })

  it('names all that is missing, at once', async () => {
    const { code, findings } = await check({
      'supergraph.graphql': null,
      'rules.js': null,
      'endpoints/first.js': null,
      'endpoints/first.graphql': null,
    })
    expect(code).toBe(1)
    expect(findings).toEqual([
      expect.stringMatching(/^rules: .*rules\.js/),
      expect.stringMatching(/^bff: .*endpoints/),
      expect.stringMatching(/^supergraph: .*supergraph\.graphql/),
    ])
  })

  it('names a supergraph that is not one', async () => {
    const { code, findings } = await check({ 'supergraph.graphql': 'type Query { a: Int }' })
    expect(code).toBe(1)
    expect(findings).toEqual([expect.stringMatching(/^supergraph: /)])
  })

  it('names a subgraph that cannot be introspected, where serving would go on trying', async () => {
    const url = `http://127.0.0.1:${String(await freePort())}/graphql`
    const { code, findings } = await check({
      'gateway.yaml': CONFIG.replace(
        'file: supergraph.graphql',
        `introspect: [{ name: shop, url: '${url}' }], snapshotFile: supergraph.graphql`,
      ),
    })
    expect(code).toBe(1)
    expect(findings).toEqual([expect.stringMatching(/^supergraph: .*shop/)])
  })

  it('names a subgraph without an address', async () => {
    const { code, findings } = await check({
      'supergraph.graphql': SUPERGRAPH.replace('http://127.0.0.1:1/graphql', ''),
    })
    expect(code).toBe(1)
    expect(findings).toEqual(['upstream: subgraph shop: It has no usable address.\n1 finding(s).\n'])
  })
})
