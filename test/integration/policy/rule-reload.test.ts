/** A rule module that changes under a serving gateway, seen by its clients. */
import { createRequire } from 'node:module'
import { mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  answer,
  createRecordingSubgraph,
  stopAfterEach,
  type RecordingSubgraph,
} from '../../support/embedded-gateway.js'
import type { LoadedRules } from '../../../src/authorization/index.js'
import { gatewayOptions } from '../../../src/config/schema.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { createRuleSource } from '../../../src/rule-source.js'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { serveGraph, type ServedGraph } from '../../support/serve.js'

const SHIELD_FILE = createRequire(import.meta.url).resolve('graphql-shield')
const SHIELD = pathToFileURL(SHIELD_FILE).href
const rules = (tree: string): string =>
  `import { allow, deny, rule } from '${SHIELD}'\nexport default ${tree}\n`

let folder: string
let subgraph: RecordingSubgraph
let gateway: ServedGraph

stopAfterEach()

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-rules-'))
  write(rules('{ Query: { item: allow } }'))
  subgraph = await createRecordingSubgraph({})
  subgraph.behave = (response) => answer(response, { item: 'here' })
  gateway = await serveRules('rules.mjs')
})

afterEach(async () => {
  await gateway.close()
  await rm(folder, { recursive: true, force: true })
})

function serveRules(name: string): Promise<ServedGraph> {
  const config = `authorization: { rules: ${join(folder, name)} }\nlimits: { requests: { enabled: false } }\n`
  return serveGraph([{ name: 'shop', url: subgraph.url, typeDefs: 'type Query { item: String }' }], {
    files: { 'policy.yaml': config },
    arguments: ['--config', 'policy.yaml'],
  })
}

/** As editors do: the new file takes the place of the old one. */
function write(text: string): void {
  writeFileSync(join(folder, 'rules.next'), text)
  renameSync(join(folder, 'rules.next'), join(folder, 'rules.mjs'))
}

const item = async (): Promise<string | null> =>
  (await askGraphql(gateway.url, '{ item }')).data?.item ?? null
const reload = () => fetch(`${gateway.adminUrl}/reload`, { method: 'POST' })

describe('changed rules', () => {
  it('act at once, in both directions', async () => {
    expect(await item()).toBe('here')
    write(rules('{ Query: { item: deny } }'))
    await eventually(item, (seen) => seen === null)
    const asked = subgraph.seen.length
    expect(await item()).toBeNull()
    expect(subgraph.seen).toHaveLength(asked)
    write(rules('{ Query: { item: allow } }'))
    await eventually(item, (seen) => seen === 'here')
  })

  it.each<[string, string, (verdict: string, count: number) => void]>([
    [
      'CommonJS',
      'rules.cjs',
      (verdict) => {
        const text = `exports.permissions = { Query: { item: require('graphql-shield').${verdict} } }\n`
        writeFileSync(join(folder, 'rules.cjs'), text.replace('graphql-shield', SHIELD_FILE))
      },
    ],
    [
      'behind a link, as in a ConfigMap',
      join('data', 'rules.mjs'),
      (verdict, count) => {
        const version = join(folder, `version-${count}`)
        mkdirSync(version)
        writeFileSync(join(version, 'rules.mjs'), rules(`{ Query: { item: ${verdict} } }`))
        symlinkSync(version, join(folder, 'data.next'))
        renameSync(join(folder, 'data.next'), join(folder, 'data'))
      },
    ],
  ])('act where they are %s', async (_what, name, change) => {
    change('allow', 0)
    await gateway.close()
    gateway = await serveRules(name)
    expect(await item()).toBe('here')
    change('deny', 1)
    expect((await reload()).status).toBe(200)
    expect(await item()).toBeNull()
    change('allow', 2)
    expect((await reload()).status).toBe(200)
    expect(await item()).toBe('here')
  })

  it.each([
    ['do not parse', 'export default {'],
    ['do not fit the graph', rules('{ Query: { nope: deny } }')],
    ['are no rules', 'export default 3'],
  ])('that %s are refused, said in health, and those before them stay', async (_what, broken) => {
    write(rules('{ Query: { item: deny } }'))
    await eventually(item, (seen) => seen === null)
    write(broken)
    const health = async () => await (await fetch(`${gateway.adminUrl}/health/ready`)).text()
    await eventually(health, (text) => text.includes('The newest rules were refused'))
    expect((await fetch(`${gateway.adminUrl}/health/ready`)).status).toBe(200)
    expect(await item()).toBeNull()

    const refused = await reload()
    expect([refused.status, await refused.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'RELOAD_REFUSED' }),
    ])
    expect(await item()).toBeNull()

    write(rules('{ Query: { item: allow } }'))
    expect((await reload()).status).toBe(200)
    expect(await item()).toBe('here')
    expect(await health()).not.toContain('refused')
  })

  it.each([['by itself'], ['by POST /reload']])('wait for the graph that they fit, taken %s', async (how) => {
    const graph = (fields: string): string =>
      makeSupergraph([{ name: 'shop', url: subgraph.url, typeDefs: `type Query { item: String ${fields} }` }])
        .sdl
    const file = join(folder, 'graph.graphql')
    writeFileSync(file, graph(''))
    const isWatched = how === 'by itself'
    const config = `authorization: { rules: ${join(folder, 'rules.mjs')}, watchRules: ${isWatched} }
supergraph: { file: ${file}, watch: ${isWatched} }\n`
    await gateway.close()
    gateway = await serveGraph(
      [{ name: 'shop', url: subgraph.url, typeDefs: 'type Query { item: String }' }],
      {
        files: { 'policy.yaml': config },
        arguments: ['--supergraph', file, '--config', 'policy.yaml'],
      },
    )
    subgraph.behave = (response) => answer(response, { item: 'here', salary: 'secret' })
    write(rules('{ Query: { item: allow, salary: deny } }'))
    const health = async () => await (await fetch(`${gateway.adminUrl}/health/ready`)).text()
    if (isWatched) await eventually(health, (text) => text.includes('The newest rules were refused'))
    expect(await item()).toBe('here')
    writeFileSync(`${file}.next`, graph('salary: String'))
    renameSync(`${file}.next`, file)
    if (!isWatched) expect((await reload()).status).toBe(200)
    const ask = async () => (await askGraphql(gateway.url, '{ salary }')).errors[0]?.extensions.code
    expect(await eventually(ask, (code) => code !== 'GRAPHQL_VALIDATION_FAILED')).toBe(
      'UNAUTHORIZED_FIELD_OR_TYPE',
    )
    expect(await health()).not.toContain('refused')
  })

  it('that fit neither graph are refused, and the answer says which graph serves with those before', async () => {
    const graph = (fields: string): string =>
      makeSupergraph([{ name: 'shop', url: subgraph.url, typeDefs: `type Query { item: String ${fields} }` }])
        .sdl
    const file = join(folder, 'graph.graphql')
    writeFileSync(file, graph(''))
    const config = `authorization: { rules: ${join(folder, 'rules.mjs')}, watchRules: false }
supergraph: { file: ${file}, watch: false }\n`
    await gateway.close()
    gateway = await serveGraph(
      [{ name: 'shop', url: subgraph.url, typeDefs: 'type Query { item: String }' }],
      { files: { 'policy.yaml': config }, arguments: ['--supergraph', file, '--config', 'policy.yaml'] },
    )
    const refusal = async () => (await (await reload()).json()) as { detail: string; generation: string }
    write(rules('{ Query: { nowhere: deny } }'))

    const first = await refusal()
    writeFileSync(file, graph('salary: String'))
    const second = await refusal()

    expect(first.detail).toContain('what served before goes on')
    expect(second.detail).toContain('the new graph serves')
    expect(second.generation).not.toBe(first.generation)
    expect((await askGraphql(gateway.url, '{ item }')).data?.item).toBe('here')
  })

  it('are seen also where they change while the graph is still loading', async () => {
    const file = join(folder, 'rules.mjs')
    const source = await createRuleSource(gatewayOptions.parse({ authorization: { rules: file } }), {
      logger: SILENT_LOGGER,
    })
    write(rules('{ Query: { item: deny } }'))
    const taken: LoadedRules[] = []
    source.watch((loaded) => Promise.resolve(void taken.push(loaded)))
    await eventually(
      () => taken.length,
      (count) => count === 1,
    )
    source.stop()
  })

  it('lose no request while they are taken into service', async () => {
    const asking = { on: true }
    const statuses = new Set<number>()
    const clients = Array.from({ length: 4 }, async () => {
      while (asking.on) statuses.add((await askGraphql(gateway.url, '{ item }')).status)
    })
    for (let count = 0; count < 20; count += 1) {
      write(rules(`{ Query: { item: ${count % 2 === 0 ? 'deny' : 'allow'} } }`))
      expect((await reload()).status).toBe(200)
      expect(await item()).toBe(count % 2 === 0 ? null : 'here')
    }
    asking.on = false
    await Promise.all(clients)
    expect([...statuses]).toEqual([200])
  })
})
