import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { FEDERATION_LINK } from '../../support/make-supergraph.js'
import { ROOT } from '../../support/shop.js'
import { makeFolder, removeFolders, runGatehouse } from './run-gatehouse.js'

const CONFIG = `
federation_version: =2.14.4
subgraphs:
  shop: { routing_url: http://127.0.0.1:1/graphql, schema: { file: shop.graphql } }
  stock: { routing_url: http://127.0.0.1:2/graphql, schema: { file: stock.graphql } }
`

afterAll(removeFolders)

const compose = (shop: string, stock: string, args: readonly string[] = []) => {
  const cwd = makeFolder({
    'supergraph.yaml': CONFIG,
    'shop.graphql': FEDERATION_LINK + shop,
    'stock.graphql': FEDERATION_LINK + stock,
  })
  return { cwd, result: runGatehouse(['compose', '--config', 'supergraph.yaml', ...args], { cwd }) }
}

describe('gatehouse compose', () => {
  it('prints the committed supergraph of the reference shop', async () => {
    const { code, stdout } = await runGatehouse(['compose'], { cwd: ROOT })
    expect(code).toBe(0)
    expect(stdout).toBe(readFileSync(join(ROOT, 'schema', 'supergraph.graphql'), 'utf8'))
  })

  it('writes to a file, whole, and leaves nothing beside it', async () => {
    const { cwd, result } = compose('type Query { a: Int }', 'type Query { b: Int }', [
      '--out',
      'out.graphql',
    ])
    expect(await result).toEqual({ code: 0, stdout: '', stderr: 'Wrote out.graphql\n' })
    expect(readFileSync(join(cwd, 'out.graphql'), 'utf8')).toContain('@join__field(graph: STOCK)')
    expect(readdirSync(cwd).sort()).toEqual([
      'out.graphql',
      'shop.graphql',
      'stock.graphql',
      'supergraph.yaml',
    ])
  })

  it.each([
    ['texts that are not GraphQL', 'type Query { a: [Int }', 'type Query {\n  b(: Int\n}'],
    ['schemas that are not valid', 'type Query { a: Missing }', 'type Query {\n  b: Nope\n}'],
  ])('names subgraph and position of every error in %s, and writes nothing', async (_, shop, stock) => {
    const { cwd, result } = compose(shop, stock, ['--out', 'out.graphql'])
    const { code, stdout, stderr } = await result
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const [head, ...errors] = stderr.split(/^✗ /m)
    expect(head).toBe('Composition failed:\n')
    expect(errors).toHaveLength(2)
    expect(errors[0]).toMatch(/^INVALID_GRAPHQL: \[shop\] .+\n {2}at shop:5:\d+\n$/)
    expect(errors[1]).toMatch(/^INVALID_GRAPHQL: \[stock\] .+\n {2}at stock:6:\d+\n$/)
    expect(readdirSync(cwd)).not.toContain('out.graphql')
  })

  it('names both sides of what does not fit together', async () => {
    const { result } = compose(
      'type Query { a: Item }\ntype Item @key(fields: "id") { id: ID! name: String @shareable }',
      'type Item @key(fields: "id") { id: ID! name: Int @shareable }',
    )
    const { code, stderr } = await result
    expect(code).toBe(1)
    expect(stderr).toMatch(/Item\.name/)
    expect(stderr).toMatch(/shop/)
    expect(stderr).toMatch(/stock/)
  })

  it('shows hints on standard error, and the supergraph all the same', async () => {
    const { result } = compose(
      'type Query { a: Item }\ntype Item @shareable { id: ID! note: String }',
      'type Query { b: Item }\ntype Item @shareable { id: ID! note: String! }',
    )
    const { code, stdout, stderr } = await result
    expect(code).toBe(0)
    expect(stdout).toContain('type Item')
    expect(stderr).toMatch(/^hint .*Item\.note/m)
  })
})
