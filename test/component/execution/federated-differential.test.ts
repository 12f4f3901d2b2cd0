import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createExecution, executionOptions, type Execution } from '../../../src/execution/index.js'
import { createPlanning, type Planning } from '../../../src/federation/index.js'
import { federationOptions } from '../../../src/federation/options.js'
import type { AnswerBody } from '../../../src/kernel/answer.js'
import { GatewayError, type AnswerError } from '../../../src/kernel/gateway-error.js'
import type { JsonObject } from '../../../src/kernel/json.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { CallSubgraph } from '../../../src/kernel/upstream-call.js'
import { coerceVariables } from '../../../src/documents/coerce-variables.js'
import { createRandom } from '../../support/random.js'
import { randomRequest, type RandomRequest } from '../../support/random-operations.js'
import { plannedOf, recordOf } from '../../unit/execution/world.js'
import { createGeneratedGraph, type Truth } from './generated-graph.js'
import { WORLDS, type World } from './worlds.js'

/**
 * Random operations over several graphs, executed with the plans of both planners, against graphql-js over one schema
 * with the same data.
 *
 * A failure prints its seed: FEDERATED_SEED runs that case again. FEDERATED_CASES runs more of them:
 *
 *     FEDERATED_CASES=2000 npm test -- test/component/execution/federated-differential
 */
const FIRST_SEED = Number(process.env['FEDERATED_SEED'] ?? 100)
const CASES = Number(process.env['FEDERATED_CASES'] ?? (process.env['FEDERATED_SEED'] === undefined ? 60 : 1))
/** The machine may be busy with other things. */
const TIMEOUT_MS = 60_000 + CASES * 1_000
const SEEDS = Array.from({ length: CASES }, (_, index) => FIRST_SEED + index)

/** Half of the operations meet errors and nulls that the schema forbids. */
const MISHAPS = { errors: 0.06, violations: 0.04 }

describe.each(WORLDS)('$name', (world: World) => {
  const { supergraph } = world
  const graph = createGeneratedGraph(world)
  const requests = SEEDS.map((seed) => randomRequest(createRandom(seed), supergraph.apiSchema, 5))

  describe.each(['auto', 'apollo'] as const)('with the planner %s', (planner) => {
    let planning: Planning
    let executions: readonly { readonly broken?: string; readonly execution: Execution }[]

    beforeAll(async () => {
      const ports = { supergraph, logger: SILENT_LOGGER }
      const options = executionOptions.parse({ maxErrors: 10_000 })
      planning = await createPlanning(federationOptions.parse({ planner }), ports)
      executions = [undefined, ...supergraph.subgraphs.map(({ name }) => name)].map((broken) => ({
        ...(broken === undefined ? {} : { broken }),
        execution: createExecution(options, { ...ports, call: without(broken, graph.call) }),
      }))
    })

    afterAll(() => planning.close())

    async function answer({ query, variables: given }: RandomRequest, index = 0): Promise<AnswerBody> {
      const record = recordOf(query)
      const rules = { schema: supergraph.apiSchema, suggestions: false, maxDepth: 20, maxValues: 10_000 }
      const variables = coerceVariables(record, given as JsonObject, rules)
      const { plan, valuesFor } = await planning.plan(record)
      const execution = executions[index]?.execution
      if (!execution) throw new Error('no such execution')
      const planned = plannedOf({ variables, planVariables: valuesFor(variables) })
      const context = { ...planned, operation: record, permitted: record, plan }
      const { answer: made } = await execution.shape.run(await execution.fetch.run(context))
      return JSON.parse(made.text) as AnswerBody
    }

    it(
      'answers as one schema over the same data would',
      async () => {
        let errors = 0
        let strays = 0
        for (const [index, request] of requests.entries()) {
          const seed = FIRST_SEED + index
          graph.reseed(seed, seed % 2 === 0 ? undefined : MISHAPS)
          const truth = await graph.truth(request)
          // Apollo's planner fetches nothing for objects all of whose fields are skipped, so nobody knows they exist.
          if (planner === 'apollo' && JSON.stringify(truth.result.data).includes('{}')) continue
          const given = await answer(request)
          if (
            planner === 'auto' &&
            (await hasStray(given, truth, () => graph.failuresWithoutConditions(request)))
          ) {
            strays += 1
            continue
          }
          expect({ seed, ...request, ...seen(given, truth), faults: graph.faults }).toEqual({
            seed,
            ...request,
            ...wanted(truth),
            faults: [],
          })
          errors += truth.result.errors?.length ?? 0
        }
        expect(strays).toBeLessThan(5 + CASES / 50)
        if (CASES >= 60) expect(errors).toBeGreaterThan(CASES / 8)
      },
      TIMEOUT_MS,
    )

    it(
      'keeps all that does not depend on a subgraph that fails, and reports nothing but its failures',
      async () => {
        let failures = 0
        for (const [place, request] of requests.entries()) {
          const seed = FIRST_SEED + place
          const index = 1 + (seed % (executions.length - 1))
          graph.reseed(seed)
          const whole = await answer(request)
          const { data, errors = [] } = await answer(request, index)
          const before = new Set(whole.errors?.map((error) => JSON.stringify(error)))
          // Known fault (lists.yaml): a failed fetch below lists of lists accounts for too few positions.
          const added = errors.filter(
            (error) => !before.has(JSON.stringify(error)) && !error.message.startsWith('Cannot return null'),
          )
          const told = added.map(({ extensions, path }) => ({ ...extensions, isPlaced: path !== undefined }))
          const service = executions[index]?.broken
          expect({ seed, ...request, differs: difference(data, whole.data, []), told }).toEqual({
            seed,
            ...request,
            differs: [],
            told: added.map(() => ({ code: 'SUBREQUEST_TIMEOUT', service, isPlaced: true })),
          })
          if (added.length === 0) expect(data).toEqual(whole.data)
          failures += added.length
        }
        if (CASES >= 60) expect(failures).toBeGreaterThan(CASES / 8)
      },
      TIMEOUT_MS,
    )
  })
})

function without(broken: string | undefined, call: CallSubgraph): CallSubgraph {
  return async (subgraphCall) => {
    if (subgraphCall.subgraph === broken) throw new GatewayError('SUBREQUEST_TIMEOUT', 'Too slow.')
    return call(subgraphCall)
  }
}

/**
 * An answer as far as the specification fixes it: its data, where errors took something away, and that nothing is an
 * error which is none. Which of several errors below one null is told is free (GraphQL specification §6.4.4).
 */
function seen({ data, errors = [] }: AnswerBody, { failures }: Truth) {
  const isFounded = ({ path }: AnswerError): boolean => failures.has(JSON.stringify(path))
  const places = new Set(errors.filter(isFounded).map(({ path = [] }) => taken(data, path)))
  return {
    data: JSON.stringify(data),
    taken: [...places].sort(),
    unfounded: errors.filter((error) => !isFounded(error) && !isEcho(error, places, data)),
  }
}

/** Known fault (errors.yaml): a null in an object that an error has taken already is told as another error. */
function isEcho({ path = [], message }: AnswerError, places: ReadonlySet<string>, data: AnswerBody['data']) {
  return message.startsWith('Cannot return null') && places.has(taken(data, path))
}

/**
 * Known fault (conditions.yaml): the native planner drops conditions, so that a subgraph reports errors of fields that
 * the client skipped, and their nulls go up.
 */
async function hasStray(
  { errors = [] }: AnswerBody,
  { failures }: Truth,
  failuresWithoutConditions: () => Promise<ReadonlySet<string>>,
): Promise<boolean> {
  const unfounded = errors.map(({ path }) => JSON.stringify(path)).filter((path) => !failures.has(path))
  if (unfounded.length === 0) return false
  const others = await failuresWithoutConditions()
  return unfounded.some((path) => others.has(path))
}

function wanted({ result: { data, errors = [] } }: Truth): ReturnType<typeof seen> {
  const plain = JSON.parse(JSON.stringify(data)) as AnswerBody['data']
  const places = errors.map(({ path = [] }) => taken(plain, path))
  return { data: JSON.stringify(plain), taken: [...new Set(places)].sort(), unfounded: [] }
}

/** The position of the null that an error made; says so where there is something else, or nothing. */
function taken(data: unknown, path: readonly (string | number)[]): string {
  let value = data
  for (const [depth, step] of path.entries()) {
    if (value === null) return path.slice(0, depth).join('.')
    if (value === undefined) return `${path.slice(0, depth).join('.')} (nothing)`
    value = (value as JsonObject)[step]
  }
  return `${path.join('.')}${value === null ? '' : value === undefined ? ' (nothing)' : ' (something)'}`
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
