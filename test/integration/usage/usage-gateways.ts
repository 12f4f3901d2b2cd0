import { join } from 'node:path'
import { expect } from '@jest/globals'
import type { UsageLine } from '../../../src/usage/index.js'
import { startRecordingSubgraph, type RecordingSubgraph } from '../../support/recording-subgraph.js'
import type { ServedGraph } from '../../support/serve.js'
import { createServedGateways } from '../../support/served-gateways.js'
import { createSignedIn } from '../../support/signed-in.js'
import { makeFolder, runGatehouse, type CommandResult } from '../cli/run-gatehouse.js'

const TYPES = 'type Query { open(n: Int): String secret: String @requiresScopes(scopes: [["secret"]]) }'

/** Gateways as processes over one small subgraph, and the command line with the config that they have. */
export interface UsageGateways {
  readonly subgraph: RecordingSubgraph
  readonly createToken: (claims?: object) => string
  readonly serve: (usage?: object) => Promise<ServedGraph>
  /** `gatehouse` with these arguments, over the same store. */
  readonly run: (...args: string[]) => Promise<CommandResult>
  /** All that is kept, as `gatehouse usage --json` says. */
  readonly exported: () => Promise<readonly UsageLine[]>
  readonly requests: () => Promise<number>
  readonly close: () => Promise<void>
}

/** Each gateway has a folder of its own, as has the command line: paths in `usage` must be absolute. */
export async function startUsageGateways(usage: object, config: object = {}): Promise<UsageGateways> {
  const subgraph = await startRecordingSubgraph({ open: 'hello', secret: 'x' })
  const served = createServedGateways(subgraph, TYPES)
  const { issuer, createToken } = createSignedIn()
  const keys = { directory: join(makeFolder({}), 'keys'), pepper: 'a-pepper-of-this-test-and-of-nobody-else' }
  const configOf = (changes: object) => ({
    identity: { issuers: [issuer], apiKeys: keys },
    limits: { requests: { enabled: false } },
    cache: { enabled: false },
    log: { level: 'warn' },
    usage: { enabled: true, flushIntervalMs: 200, timeoutMs: 500, ...usage, ...changes },
    ...config,
  })
  // JSON is YAML.
  const folder = makeFolder({ 'gateway.yaml': JSON.stringify(configOf({})) })
  const run = (...args: string[]) => runGatehouse(args, { cwd: folder })
  const exported = async () => {
    const { code, stdout, stderr } = await run('usage', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout) as readonly UsageLine[]
  }
  return {
    subgraph,
    createToken,
    run,
    exported,
    requests: async () => (await exported()).reduce((sum, line) => sum + line.requests, 0),
    serve: (changes = {}) => served.serve(configOf(changes)),
    close: served.close,
  }
}
