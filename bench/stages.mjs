/** The policy stages of the line by themselves, in this process: what each costs for the page operation. */
import { createAuthorization, createPolicySchema, loadShieldRules } from '../dist/src/authorization/index.js'
import { loadConfigFile } from '../dist/src/config/load.js'
import { createDocuments } from '../dist/src/documents/index.js'
import { createLimitStore } from '../dist/src/infra/limit-store/create-limit-store.js'
import { createRateCounter } from '../dist/src/infra/rate-counter.js'
import { Deadline } from '../dist/src/kernel/deadline.js'
import { receive } from '../dist/src/kernel/contexts.js'
import { ResponseHead } from '../dist/src/kernel/response-head.js'
import { SYSTEM_CLOCK } from '../dist/src/kernel/ports/clock.js'
import { SILENT_LOGGER } from '../dist/src/kernel/ports/logger.js'
import { NO_METRICS } from '../dist/src/kernel/ports/metrics.js'
import {
  createCostLimits,
  createFieldLimits,
  createRequestLimits,
  createSeats,
} from '../dist/src/limits/index.js'
import { readSupergraphOnce } from '../dist/src/read-supergraph-once.js'
import { OPERATIONS } from './graph/operations.mjs'
import { median } from './measure/statistics.mjs'

const CALLS = 20_000

/** Measures and writes a table; the shield rules are those of the full line. */
export async function measureStages({ world, options, say }) {
  const stages = await createStages(world.fullConfig)
  const rows = []
  for (const [name, { about, run }] of Object.entries(stages)) {
    say(`${name} …`)
    await timed(run)
    const rounds = []
    for (let round = 0; round < options.rounds; round += 1) rounds.push(await timed(run))
    rows.push([name, about, Math.min(...rounds).toFixed(1), median(rounds).toFixed(1)])
  }
  return [
    '| stage | what it does for the page operation | least CPU µs | median |',
    '| --- | --- | --: | --: |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
}

async function createStages(configFile) {
  const { options } = await loadConfigFile(configFile, {})
  const supergraph = await readSupergraphOnce(options)
  const ports = { supergraph, logger: SILENT_LOGGER, metrics: NO_METRICS, clock: SYSTEM_CLOCK }
  const policySchema = createPolicySchema(supergraph)
  const rules = await loadShieldRules(options.authorization.rules)
  const authorization = createAuthorization(options.authorization, { ...ports, policySchema, rules })
  const documents = createDocuments(options.documents, { ...ports, apiSchema: supergraph.apiSchema })
  const limitStore = createLimitStore(undefined, options, SYSTEM_CLOCK)
  const counter = createRateCounter(undefined, options, SYSTEM_CLOCK)
  const requestLimits = createRequestLimits(options.limits.requests, { limitStore })
  const seats = createSeats(options.limits.concurrency)
  const fieldLimits = createFieldLimits(options.limits, { ...ports, counter, policySchema })
  const limitOperation = (mode) => {
    const costLimits = createCostLimits({ ...options.limits.cost, mode }, { ...ports, limitStore })
    return requestLimits.beforeOperation(costLimits.charge(fieldLimits.stage))
  }
  const unpriced = limitOperation('off')
  const priced = limitOperation('enforce')

  const operation = documents.resolveStored(OPERATIONS.page.query)
  const identified = () => ({
    ...receive(arrival(), { frontEnd: 'graphql', request: {} }),
    principal: CALLER,
  })
  const resolved = () => ({ ...identified(), operation, variables: OPERATIONS.page.variables })
  const authorized = () => ({ ...resolved(), denials: [], permitted: operation })
  const first = await authorization.stage.run(resolved())
  if (first.denials.length > 0) throw new Error('The caller of the benchmark may not see the page.')
  return {
    nothing: { about: 'opens a context: part of every figure below', run: () => authorized() },
    authorize: {
      about:
        '50 shield rules in the tree, of which it asks those of the fields that it selects, and directives',
      run: () => authorization.stage.run(resolved()),
    },
    limitRequest: {
      about: 'one limit by plan, counted in this process, and a place among the operations in flight',
      run: async () => {
        const context = await requestLimits.stage.run(identified())
        seats.take(context)?.leave()
      },
    },
    limitOperation: {
      about: 'cost off, no field with a limit',
      run: () => unpriced.run(authorized()),
    },
    'limitOperation with cost': {
      about: 'cost estimated and held against the maximum of the plan',
      run: () => priced.run(authorized()),
    },
  }
}

const CALLER = {
  kind: 'user',
  key: 'user:bench:acme:u-1',
  userId: 'u-1',
  tenant: 'acme',
  plan: 'enterprise',
  scopes: new Set(['prices', 'profile']),
  scopeKey: 'prices profile',
  roles: ['buyer'],
}

function arrival() {
  return {
    requestId: 'bench',
    credentials: {},
    client: { address: '127.0.0.1' },
    deadline: new Deadline(60_000),
    responseHead: new ResponseHead(),
  }
}

/** CPU µs of one call, the collector's threads included. */
async function timed(run) {
  const before = process.cpuUsage()
  for (let call = 0; call < CALLS; call += 1) await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CALLS
}
