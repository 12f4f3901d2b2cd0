/** What the tests of execution share: contexts made of little, plans written by hand, a scripted subgraph. */
import { buildSchema, isObjectType, Kind, parse, type GraphQLSchema } from 'graphql'
import { createExecution, executionOptions, type ExecutionOptions } from '../../../src/execution/index.js'
import type { AnswerBody } from '../../../src/kernel/answer.js'
import type { Fetched, Planned, Shaped } from '../../../src/kernel/contexts.js'
import { Deadline } from '../../../src/kernel/deadline.js'
import type { Denial } from '../../../src/kernel/denial.js'
import type { FetchOutcome, RawObject } from '../../../src/kernel/fetch-outcome.js'
import type { JsonObject } from '../../../src/kernel/json.js'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import type { Logger } from '../../../src/kernel/ports/logger.js'
import type { Metrics } from '../../../src/kernel/ports/metrics.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import type {
  FetchNode,
  FlattenSegment,
  PlanNode,
  RequiresSelection,
} from '../../../src/kernel/query-plan.js'
import { OWN_KEYS } from '../../../src/kernel/plan-keys.js'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import type { SubgraphCall, SubgraphReply } from '../../../src/kernel/upstream-call.js'
import { wholeData } from './whole-data.js'

/** A supergraph whose full schema is `sdl`; clients see `apiSdl` where that is less. */
export function supergraphOf(sdl: string, apiSdl = sdl): Supergraph {
  const schema = buildSchema(sdl, { assumeValidSDL: true })
  const apiSchema: GraphQLSchema = buildSchema(apiSdl)
  return { id: 'test', sdl, schema, apiSchema, subgraphs: [], planKey: OWN_KEYS }
}

export function recordOf(source: string): OperationRecord {
  const document = parse(source, { noLocation: true })
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  if (!operation) throw new Error('The test document has no operation.')
  return { hash: source, name: operation.name?.value, type: operation.operation, document, operation, source }
}

export interface World {
  readonly node?: PlanNode
  readonly query?: string
  readonly variables?: JsonObject
  /** Where they differ from the client's. */
  readonly planVariables?: JsonObject
  readonly denials?: readonly Denial[]
  readonly allRefused?: boolean
}

export function plannedOf(world: World): Planned {
  const operation = recordOf(world.query ?? '{ __typename }')
  return {
    requestId: 'request-1',
    credentials: {},
    client: { address: '127.0.0.1' },
    deadline: new Deadline(10_000),
    responseHead: { headers: new Map() } as unknown as Planned['responseHead'],
    frontEnd: 'graphql',
    request: { readOnly: false },
    principal: {
      kind: 'user',
      key: 'user:u-1',
      userId: 'u-1',
      tenant: 'acme',
      plan: 'free',
      scopes: new Set(),
      scopeKey: '',
      roles: [],
    },
    admission: { limit: 1, remaining: 1, resetSeconds: 1 },
    operation,
    variables: world.variables ?? {},
    denials: world.denials ?? [],
    permitted: world.allRefused === true ? null : operation,
    charge: { countedFields: 0 },
    plan: { node: world.node },
    planVariables: world.planVariables ?? world.variables ?? {},
  }
}

/** What a subgraph answers; a function is asked with the parsed body. */
export type Script = Partial<SubgraphReply> | Error | ((body: SentBody, call: SubgraphCall) => ScriptResult)
type ScriptResult = Partial<SubgraphReply> | Error | Promise<Partial<SubgraphReply>>

export interface SentBody {
  readonly query: string
  readonly operationName?: string
  readonly variables?: JsonObject & { readonly representations?: readonly JsonObject[] }
}

export interface Bench {
  readonly calls: readonly SubgraphCall[]
  readonly bodies: readonly SentBody[]
  readonly warnings: readonly object[]
  readonly counted: readonly string[]
  /** Runs the plan of a world and says what the stage returned: a value or a promise. */
  readonly start: (world: World) => Fetched | Promise<Fetched>
  /** Runs the plan of a world. */
  readonly fetch: (world: World) => Promise<FetchOutcome>
  /** The answer as it goes out. */
  readonly text: (world: World) => Promise<string>
  /** Takes a context through both stages. */
  readonly run: (planned: Planned) => Promise<Shaped>
  /** Shapes given data for a query. */
  readonly shape: (world: World, data: unknown, outcome?: Partial<FetchOutcome>) => AnswerBody
  /** Both, as the line does. */
  readonly answer: (world: World) => Promise<AnswerBody>
}

export function createBench(
  supergraph: Supergraph,
  scripts: Readonly<Record<string, Script>> = {},
  options: Partial<ExecutionOptions> = {},
): Bench {
  const calls: SubgraphCall[] = []
  const bodies: SentBody[] = []
  const warnings: object[] = []
  const counted: string[] = []
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (facts) => void warnings.push(facts),
    error: () => undefined,
  }
  const metrics: Metrics = { ...NO_METRICS, countError: (code) => void counted.push(code) }
  const call = async (subgraphCall: SubgraphCall): Promise<SubgraphReply> => {
    const body = JSON.parse(subgraphCall.body) as SentBody
    calls.push(subgraphCall)
    bodies.push(body)
    const script = scripts[subgraphCall.subgraph]
    const result = await (typeof script === 'function' ? script(body, subgraphCall) : script)
    if (result instanceof Error) throw result
    const { data = null, errors = [] } = result ?? {}
    const text = JSON.stringify({ data, errors })
    const reply = { text, data, errors, cachePolicy: undefined, ...result }
    return { ...reply, data: (JSON.parse(text) as { data: JsonObject | null }).data }
  }
  const execution = createExecution(executionOptions.parse(options), { supergraph, call, logger, metrics })

  const fetch = async (planned: Planned): Promise<Fetched> => execution.fetch.run(planned)
  const run = async (planned: Planned): Promise<Shaped> => execution.shape.run(await fetch(planned))
  const shape = (fetched: Fetched): AnswerBody => {
    const shaped = execution.shape.run(fetched)
    if (shaped instanceof Promise) throw new Error('shape must not wait')
    return JSON.parse(shaped.answer.text) as AnswerBody
  }
  return {
    calls,
    bodies,
    warnings,
    counted,
    text: async (world) => (await run(plannedOf(world))).answer.text,
    run,
    start: (world) => execution.fetch.run(plannedOf(world)),
    fetch: async (world) => {
      const { outcome } = await fetch(plannedOf(world))
      const isObject = (name: string) => isObjectType(supergraph.schema.getType(name))
      return { ...outcome, data: wholeData(outcome.data, isObject) as RawObject | null }
    },
    shape: (world, data, outcome = {}) => {
      const raw = data as RawObject | null
      const made = { data: raw, errors: [], cachePolicy: undefined, ...outcome }
      return shape({ ...plannedOf(world), outcome: made })
    },
    answer: async (world) => shape(await fetch(plannedOf(world))),
  }
}

/** A fetch node with everything empty that a test does not name. */
export function fetchNode(subgraph: string, operation: string, more: Partial<FetchNode> = {}): FetchNode {
  return {
    kind: 'Fetch',
    subgraph,
    operationType: 'query',
    operation,
    operationName: undefined,
    variables: [],
    requires: undefined,
    inputRewrites: [],
    outputRewrites: [],
    ...more,
  }
}

/** `topProducts.@|Book.author`: keys, `@` for lists, `|A,B` for type conditions, separated by dots. */
export function pathOf(text: string): readonly FlattenSegment[] {
  return text.split('.').map((part) => {
    if (part === '@') return { kind: 'list' }
    return part.startsWith('|')
      ? { kind: 'types', names: part.slice(1).split(',') }
      : { kind: 'key', key: part }
  })
}

export function flatten(path: string, node: PlanNode): PlanNode {
  return { kind: 'Flatten', path: pathOf(path), node }
}

export function sequence(...nodes: PlanNode[]): PlanNode {
  return { kind: 'Sequence', nodes }
}

export function parallel(...nodes: PlanNode[]): PlanNode {
  return { kind: 'Parallel', nodes }
}

/** `... on Type { __typename keys }` */
export function keysOf(type: string, ...names: string[]): readonly RequiresSelection[] {
  const selections = ['__typename', ...names].map((name) => ({ kind: 'field', name }) as const)
  return [{ kind: 'inlineFragment', typeCondition: type, selections }]
}

/** An entity fetch of one field; the text matters to nobody but the reader. */
export function entityNode(
  subgraph: string,
  type: string,
  selection: string,
  more: Partial<FetchNode> = {},
): FetchNode {
  const operation = `query($representations:[_Any!]!){_entities(representations:$representations){... on ${type}{${selection}}}}`
  return fetchNode(subgraph, operation, { requires: keysOf(type, 'id'), ...more })
}

/** Answers representations one by one. */
export function entities(answer: (representation: JsonObject) => unknown): Script {
  return ({ variables }) => ({
    data: { _entities: (variables?.representations ?? []).map(answer) } as unknown as JsonObject,
  })
}
