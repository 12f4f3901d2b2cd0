import { describe, expect, it } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  composeFromConfig,
  createPlanning,
  printFinding,
  readSupergraph,
  type CompositionFinding,
} from '../../../src/federation/index.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { FEDERATION_LINK, RATE_LIMIT_LINK } from '../../support/make-supergraph.js'
import { makeOptions, makeRecord } from './graphs.js'
import { inFolder } from './temporary-folder.js'

const A = `${FEDERATION_LINK}type Query { a: Int }`
const B = `${FEDERATION_LINK}type Query { b: Int }`

function config(...names: string[]): string {
  const entries = names.map(
    (name) => `  ${name}:\n    routing_url: http://${name}.invalid\n    schema: { file: ./${name}.graphql }`,
  )
  return `federation_version: =2.14.4\nsubgraphs:\n${entries.join('\n')}\n`
}

async function compose(files: Record<string, string>): Promise<string> {
  let sdl = ''
  await inFolder(files, async (folder) => {
    const composed = await composeFromConfig(join(folder, 'supergraph.yaml'))
    if (!composed.ok) throw new Error(composed.errors.map(printFinding).join('\n'))
    sdl = composed.sdl
  })
  return sdl
}

async function findings(files: Record<string, string>): Promise<readonly CompositionFinding[]> {
  let errors: readonly CompositionFinding[] = []
  await inFolder(files, async (folder) => {
    const composed = await composeFromConfig(join(folder, 'supergraph.yaml'))
    if (!composed.ok) errors = composed.errors
  })
  return errors
}

describe('composing from a supergraph.yaml', () => {
  it('gives a supergraph with the routing URLs of the file', async () => {
    const sdl = await compose({ 'supergraph.yaml': config('a', 'b'), 'a.graphql': A, 'b.graphql': B })
    expect(readSupergraph(sdl).subgraphs).toEqual([
      { name: 'a', url: 'http://a.invalid' },
      { name: 'b', url: 'http://b.invalid' },
    ])
  })

  it('gives the same text whatever the order in the file', async () => {
    const one = await compose({ 'supergraph.yaml': config('a', 'b'), 'a.graphql': A, 'b.graphql': B })
    const other = await compose({ 'supergraph.yaml': config('b', 'a'), 'a.graphql': A, 'b.graphql': B })
    expect(other).toBe(one)
    expect(one.endsWith('}\n')).toBe(true)
  })

  it('fills in the environment', async () => {
    const yaml =
      'subgraphs:\n  a:\n    routing_url: http://127.0.0.1:${env.NO_SUCH_PORT:-4001}\n    schema: { file: a.graphql }\n'
    const sdl = await compose({ 'supergraph.yaml': yaml, 'a.graphql': A })
    expect(readSupergraph(sdl).subgraphs).toEqual([{ name: 'a', url: 'http://127.0.0.1:4001' }])
    const missing = yaml.replace(':-4001', '')
    await expect(compose({ 'supergraph.yaml': missing, 'a.graphql': A })).rejects.toThrow(
      'NO_SUCH_PORT is not set',
    )
  })

  it('says what does not fit together, and where', async () => {
    const conflict = (type: string): string =>
      `${FEDERATION_LINK}type Query { a: Int }\ntype T { x: ${type} }`
    const errors = await findings({
      'supergraph.yaml': config('a', 'b'),
      'a.graphql': conflict('Int @shareable'),
      'b.graphql': conflict('String @shareable'),
    })
    expect(errors.map(({ code }) => code)).toEqual(['INVALID_FIELD_SHARING', 'FIELD_TYPE_MISMATCH'])
    expect(errors[1]?.locations).toEqual([
      { subgraph: 'a', line: 6, column: 10 },
      { subgraph: 'b', line: 6, column: 10 },
    ])
    const printed = printFinding(errors[1] as CompositionFinding)
    expect(printed).toContain('FIELD_TYPE_MISMATCH: ')
    expect(printed).toContain('\n  at b:6:10')
  })

  it('says where a file is not GraphQL', async () => {
    const errors = await findings({
      'supergraph.yaml': config('a', 'b'),
      'a.graphql': 'type Query {\n',
      'b.graphql': B,
    })
    expect(errors).toEqual([
      {
        code: 'INVALID_GRAPHQL',
        message: expect.stringContaining('[a] Syntax Error'),
        locations: [{ subgraph: 'a', line: 2, column: 1 }],
      },
    ])
  })

  it('refuses two rate limits for one field, of which one would be lost unseen', async () => {
    const limited = (limit: number): string =>
      `${FEDERATION_LINK}${RATE_LIMIT_LINK}type Query { a: Int @shareable @rateLimit(limit: ${limit}, duration: 60) }`
    const files = { 'supergraph.yaml': config('a', 'b'), 'a.graphql': limited(1), 'b.graphql': limited(1) }
    expect(await findings(files)).toEqual([])
    const errors = await findings({ ...files, 'b.graphql': limited(2) })
    expect(errors).toMatchObject([
      {
        code: 'INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS',
        message: expect.stringContaining('@rateLimit is applied to "Query.a" in multiple subgraphs'),
        locations: [{ subgraph: 'a' }, { subgraph: 'b' }],
      },
    ])
  })

  it('refuses them also under a name of the subgraphs’ own', async () => {
    const limited = (limit: number): string =>
      `${FEDERATION_LINK}${RATE_LIMIT_LINK.replaceAll('"@rateLimit"]', '{ name: "@rateLimit", as: "@slow" }]').replace('name: "@rateLimit")', 'name: "@slow")').replace('directive @rateLimit', 'directive @slow')}type Query { a: Int @shareable @slow(limit: ${limit}, duration: 60) }`
    const files = { 'supergraph.yaml': config('a', 'b'), 'a.graphql': limited(1), 'b.graphql': limited(1) }
    expect(await findings(files)).toEqual([])
    expect(await findings({ ...files, 'b.graphql': limited(2) })).toMatchObject([
      { code: 'INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS', message: expect.stringContaining('@slow') },
    ])
  })

  it.each([
    ['an unknown key', 'subgraphs:\n  a: { routing_ur: x, schema: { file: a.graphql } }\n', 'routing_ur'],
    [
      'no routing URL',
      'subgraphs:\n  a: { schema: { file: a.graphql } }\n',
      'The subgraph a needs a routing_url.',
    ],
    ['a missing file', config('missing'), 'missing.graphql'],
  ])('refuses a configuration with %s', async (_, yaml, message) => {
    await expect(compose({ 'supergraph.yaml': yaml, 'a.graphql': A })).rejects.toThrow(message)
  })
})

describe('the reference graph', () => {
  const root = join(import.meta.dirname, '../../..')

  it('composes, and both planners cross all three subgraphs', async () => {
    const composed = await composeFromConfig(join(root, 'schema/supergraph.yaml'))
    if (!composed.ok) throw new Error(composed.errors.map(printFinding).join('\n'))
    const supergraph = readSupergraph(composed.sdl)
    expect(supergraph.subgraphs.map(({ name }) => name)).toEqual(['order', 'product', 'user'])
    const record = makeRecord(`{ me { name
      orders(first: 2) { nodes { number lines { quantity product { name shippingEstimate { amount } } } } }
      recommendedProducts(first: 3) { name } } }`)
    for (const planner of ['native', 'apollo']) {
      const planning = await createPlanning(makeOptions({ planner }), { supergraph, logger: SILENT_LOGGER })
      const text = JSON.stringify((await planning.plan(record)).plan)
      for (const name of ['order', 'product', 'user']) expect(text).toContain(`"subgraph":"${name}"`)
      await planning.close()
    }
  })

  it('keeps its policy directives in the supergraph and out of what clients see', async () => {
    const composed = await composeFromConfig(join(root, 'schema/supergraph.yaml'))
    const sdl = composed.ok ? composed.sdl : ''
    const subgraph = await readFile(join(root, 'subgraphs/product/schema.graphql'), 'utf8')
    expect(subgraph).toContain('@rateLimit(limit: 30, duration: 60)')
    expect(sdl).toContain('@rateLimit(limit: 30, duration: 60)')
    expect(sdl).toContain('@requiresScopes(scopes: [["order:write"]])')
    const { apiSchema } = readSupergraph(sdl)
    expect(apiSchema.getDirectives().map(({ name }) => name)).toEqual(
      expect.not.arrayContaining(['rateLimit', 'requiresScopes', 'cacheControl']),
    )
    expect(Object.keys(apiSchema.getTypeMap()).filter((name) => /^[a-z]+__/.test(name))).toEqual([])
  })
})
