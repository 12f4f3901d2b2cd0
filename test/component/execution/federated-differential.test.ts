import { beforeAll, describe, expect, it } from '@jest/globals'
import { createExecution, executionOptions, type Execution } from '../../../src/execution/index.js'
import { createPlanning, type Planning } from '../../../src/federation/index.js'
import { federationOptions } from '../../../src/federation/options.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { createRandom, randomOperation } from '../../support/random-operations.js'
import { plannedOf, recordOf } from '../../unit/execution/world.js'
import { answerAsMonolith, createLocalCall, SUBGRAPHS } from './federated-world.js'

/** A failure prints its seed: FEDERATED_SEED runs that case again. FEDERATED_CASES runs more of them. */
const FIRST_SEED = Number(process.env['FEDERATED_SEED'] ?? 100)
const CASES = Number(
  process.env['FEDERATED_CASES'] ?? (process.env['FEDERATED_SEED'] === undefined ? 100 : 1),
)

const supergraph = makeSupergraph(SUBGRAPHS)

describe.each(['auto', 'apollo'] as const)('plans of the %s planner, executed', (planner) => {
  let planning: Planning
  let execution: Execution

  beforeAll(async () => {
    const ports = { supergraph, logger: SILENT_LOGGER }
    planning = await createPlanning(federationOptions.parse({ planner }), ports)
    execution = createExecution(executionOptions.parse({}), { ...ports, call: createLocalCall() })
  })

  async function answer(query: string, variables: { readonly x: boolean; readonly y: boolean }) {
    const record = recordOf(query)
    const plan = await planning.plan(record)
    const fetched = await execution.fetch.run({ ...plannedOf({ query, variables }), plan })
    const { answer: made } = await execution.shape.run(fetched)
    return JSON.parse(made.text) as unknown
  }

  it('answer as one schema over the same data would', async () => {
    let planned = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
      const random = createRandom(seed)
      const query = randomOperation(random, supergraph.apiSchema, 5)
      const variables = { x: random() < 0.5, y: random() < 0.5 }
      const expected = await answerAsMonolith(supergraph.apiSchema, query, variables)
      expect({ seed, query, variables, answer: await answer(query, variables) }).toEqual({
        seed,
        query,
        variables,
        answer: JSON.parse(JSON.stringify(expected)),
      })
      planned += 1
    }
    expect(planned).toBe(CASES)
  })
})
