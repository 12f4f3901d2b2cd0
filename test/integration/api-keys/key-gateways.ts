import { expect } from '@jest/globals'
import { askGraphql, getJson, type ClientView } from '../../support/graphql-client.js'
import { startRecordingSubgraph, type RecordingSubgraph } from '../../support/recording-subgraph.js'
import { serveGraph, type ServedGraph } from '../../support/serve.js'
import { makeFolder, runGatehouse, type CommandResult } from '../cli/run-gatehouse.js'

const TYPES = `type Query {
  open: String
  orders: String @requiresScopes(scopes: [["order:read"]])
}`

/** Gateways as processes over one small subgraph, and the command line with the config that they have. */
export interface KeyGateways {
  readonly subgraph: RecordingSubgraph
  readonly serve: (apiKeys?: object) => Promise<ServedGraph>
  readonly run: (...args: string[]) => Promise<CommandResult>
  /** `keys create`; the text of the key and its id. */
  readonly create: (...args: string[]) => Promise<{ readonly text: string; readonly id: string }>
  readonly close: () => Promise<void>
}

/** Each gateway has a folder of its own, as has the command line: paths in `apiKeys` must be absolute. */
export async function startKeyGateways(apiKeys: object): Promise<KeyGateways> {
  const subgraph = await startRecordingSubgraph({ open: 'hello', orders: 'o-1' })
  const { url } = subgraph
  const pepper = 'a-pepper-of-this-test-and-of-nobody-else'
  // JSON is YAML.
  const configOf = (options: object) =>
    JSON.stringify({ identity: { apiKeys: { pepper, ...options } }, log: { level: 'debug' } })
  const folder = makeFolder({ 'gateway.yaml': configOf(apiKeys) })
  const served: ServedGraph[] = []
  const run = (...args: string[]) => runGatehouse(['keys', ...args], { cwd: folder })
  return {
    subgraph,
    run,
    async serve(changes = {}) {
      const gateway = await serveGraph([{ name: 'own', url, typeDefs: TYPES }], {
        files: { 'own.yaml': configOf({ ...apiKeys, ...changes }) },
        arguments: ['--config', 'own.yaml'],
      })
      served.push(gateway)
      return gateway
    },
    async create(...args) {
      const { code, stdout, stderr } = await run('create', '--name', 'test', ...args)
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('only time') })
      expect(stdout).toMatch(/^ghk_\w{12}_\w{51}\n$/)
      return { text: stdout.trim(), id: stdout.slice(4, 16) }
    },
    async close() {
      await Promise.all(served.map((gateway) => gateway.close()))
      await subgraph.close()
    },
  }
}

/** Asks for what needs the scope of the tests' keys. */
export function askWith(gateway: ServedGraph, apiKey: string, query = '{ orders }'): Promise<ClientView> {
  return askGraphql(gateway.url, query, { headers: { 'x-api-key': apiKey } })
}

/** The status with the code of the first error. */
export function verdictOf({ status, errors }: ClientView): readonly [number, string | undefined] {
  return [status, errors[0]?.extensions.code]
}

/** What health says of the keys, and whether the gateway is ready. */
export async function healthOf(gateway: ServedGraph) {
  const { status, body } = await getJson(`${gateway.url}/health/ready`)
  return { status, keys: JSON.stringify(body) }
}
