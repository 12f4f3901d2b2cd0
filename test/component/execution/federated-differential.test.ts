import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createExecution, executionOptions, type Execution } from '../../../src/execution/index.js'
import { createPlanning, type Planning } from '../../../src/federation/index.js'
import { federationOptions } from '../../../src/federation/options.js'
import type { AnswerBody } from '../../../src/kernel/answer.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { JsonObject } from '../../../src/kernel/json.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { CallSubgraph } from '../../../src/kernel/upstream-call.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { createRandom, randomOperation } from '../../support/random-operations.js'
import { plannedOf, recordOf } from '../../unit/execution/world.js'
import { answerAsMonolith, createLocalCall, SUBGRAPHS } from './federated-world.js'

/** A failure prints its seed: FEDERATED_SEED runs that case again. FEDERATED_CASES runs more of them. */
const FIRST_SEED = Number(process.env['FEDERATED_SEED'] ?? 100)
const CASES = Number(process.env['FEDERATED_CASES'] ?? (process.env['FEDERATED_SEED'] === undefined ? 60 : 1))

const supergraph = makeSupergraph(SUBGRAPHS)

describe.each(['auto', 'apollo'] as const)('plans of the %s planner, executed', (planner) => {
  let planning: Planning
  let execution: Execution
  let broken: Execution

  beforeAll(async () => {
    const ports = { supergraph, logger: SILENT_LOGGER }
    planning = await createPlanning(federationOptions.parse({ planner }), ports)
    const call = createLocalCall()
    execution = createExecution(executionOptions.parse({}), { ...ports, call })
    broken = createExecution(executionOptions.parse({}), { ...ports, call: withoutReviews(call) })
  })

  afterAll(() => planning.close())

  async function answer(
    query: string,
    variables: { readonly x: boolean; readonly y: boolean },
    { fetch, shape }: Execution = execution,
  ) {
    const record = recordOf(query)
    const { plan, valuesFor } = await planning.plan(record)
    const planVariables = valuesFor(variables)
    const fetched = await fetch.run({ ...plannedOf({ query, variables, planVariables }), plan })
    const { answer: made } = await shape.run(fetched)
    return JSON.parse(made.text) as AnswerBody
  }

  it('answer as one schema over the same data would', async () => {
    let compared = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
      const random = createRandom(seed)
      const query = randomOperation(random, supergraph.apiSchema, 5)
      const variables = { x: random() < 0.5, y: random() < 0.5 }
      const expected = await answerAsMonolith(supergraph.apiSchema, query, variables)
      // Apollo's planner fetches nothing for objects all of whose fields are skipped, so nobody knows they exist.
      if (planner === 'apollo' && JSON.stringify(expected).includes('{}')) continue
      expect({ seed, query, variables, answer: await answer(query, variables) }).toEqual({
        seed,
        query,
        variables,
        answer: JSON.parse(JSON.stringify(expected)),
      })
      compared += 1
    }
    expect(compared).toBeGreaterThan(CASES * 0.8)
  })

  it('keep all that does not depend on a subgraph that fails, and report nothing but its failures', async () => {
    let failures = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
      const random = createRandom(seed)
      const query = randomOperation(random, supergraph.apiSchema, 5)
      const variables = { x: random() < 0.5, y: random() < 0.5 }
      const whole = await answer(query, variables)
      const { data, errors = [] } = await answer(query, variables, broken)
      failures += errors.length
      expect({ seed, query, variables, differs: difference(data, whole.data, []) }).toEqual({
        seed,
        query,
        variables,
        differs: [],
      })
      const told = errors.map(({ extensions, path }) => ({ ...extensions, isPlaced: path !== undefined }))
      expect({ seed, query, variables, told }).toEqual({
        seed,
        query,
        variables,
        told: errors.map(() => ({ code: 'SUBREQUEST_TIMEOUT', service: 'reviews', isPlaced: true })),
      })
      if (errors.length === 0) expect(data).toEqual(whole.data)
    }
    if (CASES >= 60) expect(failures).toBeGreaterThan(20)
  })
})

function withoutReviews(call: CallSubgraph): CallSubgraph {
  return async (subgraphCall) => {
    if (subgraphCall.subgraph === 'reviews') throw new GatewayError('SUBREQUEST_TIMEOUT', 'Too slow.')
    return call(subgraphCall)
  }
}

/** The paths at which a partial answer says something else than the whole one; null may stand for anything. */
function difference(part: unknown, whole: unknown, path: readonly string[]): readonly string[] {
  if (part === null || part === whole) return []
  if (typeof part !== 'object' || typeof whole !== 'object' || whole === null) return [path.join('.')]
  const keys = new Set([...Object.keys(part), ...Object.keys(whole)])
  return [...keys].flatMap((key) =>
    difference((part as JsonObject)[key], (whole as JsonObject)[key], [...path, key]),
  )
}
