import {
  isCompositeType,
  isObjectType,
  Kind,
  parse,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import { Combinations } from '../../kernel/combinations.js'
import { conditionKey, conditionVariables, holds } from '../../kernel/condition-variables.js'
import type { Planned } from '../../kernel/contexts.js'
import type { OperationRecord, VariableValues } from '../../kernel/operation.js'
import type { PlanKey } from '../../kernel/plan-keys.js'
import type {
  BatchFetchNode,
  FetchNode,
  FlattenSegment,
  QueryPlan,
  RootNode,
} from '../../kernel/query-plan.js'
import { AskedFields, innerSets, TooEntangled } from './asked-fields.js'
import { compileEstimate, EstimateCompiler, type CostModel } from './compile-estimate.js'
import { defaultWeight } from './cost-directives.js'
import { MOST_COST, type EvaluateCost } from './cost-program.js'

/** What each subgraph that a plan asks is estimated to cost. */
export type EstimateSubgraphs = (context: Planned) => ReadonlyMap<string, number>

/** One fetch of a plan: so many times so much. */
interface FetchCost {
  readonly subgraph: string
  /** How many entities are asked for, by the client's variables; 1 for a root fetch. */
  readonly count: number | EvaluateCost
  /** What one costs, by the plan's variables. */
  readonly cost: number | EvaluateCost
}

export interface SubgraphCostModel extends CostModel {
  /** With what subgraphs are asked and clients do not see. */
  readonly schema: GraphQLSchema
  readonly planKey: PlanKey
}

interface Known {
  readonly plan: QueryPlan
  readonly conditions: readonly string[]
  readonly planConditions: readonly string[]
  readonly fetches: Combinations<readonly FetchCost[]>
}

/** Combinations of conditions that are kept of one operation. */
const MOST_COMBINATIONS = 16

/**
 * Makes the estimate of what an operation costs each of its subgraphs, by the fetches of its plan.
 *
 * A fetch of entities is asked for as many as the lists above them are estimated to hold: planners and fetches drop equal
 * ones, so this too is an upper bound. Worked out once for an operation and its plan.
 */
export function createEstimateSubgraphs(model: SubgraphCostModel): EstimateSubgraphs {
  const known = new WeakMap<OperationRecord, Known>()

  function look(permitted: OperationRecord, plan: QueryPlan): Known {
    const before = known.get(permitted)
    if (before?.plan === plan) return before
    const planConditions = plan.node ? conditionsOf(plan.node) : []
    const found = {
      plan,
      conditions: conditionVariables(permitted.document),
      planConditions,
      fetches: new Combinations<readonly FetchCost[]>(MOST_COMBINATIONS),
    }
    known.set(permitted, found)
    return found
  }

  function fetchesOf(permitted: OperationRecord, context: Planned): readonly FetchCost[] {
    const { conditions, planConditions, fetches } = look(permitted, context.plan)
    // Keys of the same conditions are equally long, so one after the other they stay apart.
    const key =
      conditionKey(conditions, context.variables) + conditionKey(planConditions, context.planVariables)
    return fetches.get(key, () => new PlanCosts(model, permitted, context).of(context.plan.node))
  }

  return (context) => {
    const { permitted, variables, planVariables } = context
    const costs = new Map<string, number>()
    if (permitted === null) return costs
    for (const { subgraph, count, cost } of fetchesOf(permitted, context)) {
      const all = evaluate(count, variables) * evaluate(cost, planVariables)
      costs.set(subgraph, Math.min(MOST_COST, (costs.get(subgraph) ?? 0) + all))
    }
    return costs
  }
}

function evaluate(cost: number | EvaluateCost, variables: VariableValues): number {
  return typeof cost === 'number' ? cost : cost(variables)
}

/** Compiles the fetches of one plan, for one set of conditions. */
class PlanCosts {
  readonly #model: SubgraphCostModel
  readonly #permitted: OperationRecord
  readonly #context: Planned
  readonly #fetches: FetchCost[] = []

  constructor(model: SubgraphCostModel, permitted: OperationRecord, context: Planned) {
    this.#model = model
    this.#permitted = permitted
    this.#context = context
  }

  of(node: RootNode | undefined): readonly FetchCost[] {
    if (node) this.#visit(node, [])
    return this.#fetches
  }

  #visit(node: RootNode, path: readonly FlattenSegment[]): void {
    switch (node.kind) {
      case 'Subscription':
        this.#visit(node.primary, path)
        if (node.rest) this.#visit(node.rest, path)
        return
      case 'Sequence':
      case 'Parallel':
        for (const inner of node.nodes) this.#visit(inner, path)
        return
      case 'Flatten':
        this.#visit(node.node, [...path, ...node.path])
        return
      case 'Condition': {
        const taken = holds(node.variable, this.#context.planVariables) ? node.ifTrue : node.ifFalse
        if (taken) this.#visit(taken, path)
        return
      }
      case 'Fetch':
        if (node.requires === undefined) this.#addRoot(node)
        else this.#addEntities(node, '_entities', [path])
        return
      case 'BatchFetch':
        for (const { alias, paths } of node.batches) this.#addEntities(node, alias, paths)
    }
  }

  #addRoot(fetch: FetchNode): void {
    const record = toRecord(fetch, fetch.operationType)
    const { schema } = this.#model
    this.#add(fetch.subgraph, 1, () => {
      return compileEstimate({ ...this.#model, apiSchema: schema }, record, this.#context.planVariables).cost
    })
  }

  #addEntities(
    fetch: FetchNode | BatchFetchNode,
    alias: string,
    paths: readonly (readonly FlattenSegment[])[],
  ): void {
    this.#add(
      fetch.subgraph,
      this.#counted(() => this.#countOf(paths)),
      () => this.#costOfEntity(toRecord(fetch, 'query'), alias),
    )
  }

  #add(subgraph: string, count: number | EvaluateCost, cost: () => number | EvaluateCost): void {
    this.#fetches.push({ subgraph, count, cost: this.#counted(cost) })
  }

  #counted(work: () => number | EvaluateCost): number | EvaluateCost {
    try {
      return work()
    } catch (error) {
      if (error instanceof TooEntangled) return MOST_COST
      throw error
    }
  }

  /** How many objects stand at these places of the client's operation. */
  #countOf(paths: readonly (readonly FlattenSegment[])[]): number | EvaluateCost {
    const { apiSchema, planKey } = this.#model
    const { operation } = this.#permitted
    const root = apiSchema.getRootType(operation.operation)
    if (!root) return 0
    const asked = new AskedFields(apiSchema, this.#permitted, this.#context.variables)
    const compiler = new EstimateCompiler(this.#model, asked)
    const { program } = compiler
    const counts = paths.map((path) => {
      const keys = path.flatMap((segment) => (segment.kind === 'key' ? [segment.key] : []))
      return compiler.countAt(root, [operation.selectionSet], keys, planKey)
    })
    return program.finish(program.sum(counts))
  }

  /** The most expensive of the types that are asked for. */
  #costOfEntity(record: OperationRecord, alias: string): number | EvaluateCost {
    const { schema, directives } = this.#model
    const entities = record.operation.selectionSet.selections.find(
      (selection): selection is FieldNode =>
        selection.kind === Kind.FIELD && (selection.alias ?? selection.name).value === alias,
    )
    if (!entities) return 0
    const asked = new AskedFields(schema, record, this.#context.planVariables)
    const compiler = new EstimateCompiler({ ...this.#model, apiSchema: schema }, asked)
    const { program } = compiler
    const sets = innerSets([entities])
    const types = sets.flatMap(({ selections }) =>
      selections.flatMap((selection) => {
        const name = selection.kind === Kind.INLINE_FRAGMENT ? selection.typeCondition?.name.value : undefined
        const type = name === undefined ? undefined : schema.getType(name)
        return isCompositeType(type) ? asked.possibleTypes(type) : []
      }),
    )
    const costs = [...new Set(types)].map((type) => {
      const weight = isObjectType(type) ? directives.typeWeight(type) : undefined
      return program.sum([weight ?? defaultWeight(type), compiler.ofFields(type, sets, undefined)])
    })
    return program.finish(costs.length === 0 ? 1 : program.max(costs))
  }
}

const parsed = new WeakMap<FetchNode | BatchFetchNode, DocumentNode>()

function documentOf(fetch: FetchNode | BatchFetchNode): DocumentNode {
  const document = fetch.document ?? parsed.get(fetch) ?? parse(fetch.operation, { noLocation: true })
  parsed.set(fetch, document)
  return document
}

function toRecord(fetch: FetchNode | BatchFetchNode, type: OperationRecord['type']): OperationRecord {
  const document = documentOf(fetch)
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  )
  if (operation === undefined) throw new Error('A fetch has no operation.')
  return { hash: '', name: fetch.operationName, type, document, operation, source: fetch.operation }
}

/** The variables that decide which fetches of a plan are made, and what of them. */
function conditionsOf(root: RootNode): readonly string[] {
  const names = new Set<string>()
  const visit = (node: RootNode): void => {
    switch (node.kind) {
      case 'Subscription':
        visit(node.primary)
        if (node.rest) visit(node.rest)
        return
      case 'Sequence':
      case 'Parallel':
        node.nodes.forEach(visit)
        return
      case 'Flatten':
        visit(node.node)
        return
      case 'Condition':
        names.add(node.variable)
        if (node.ifTrue) visit(node.ifTrue)
        if (node.ifFalse) visit(node.ifFalse)
        return
      case 'Fetch':
      case 'BatchFetch':
        for (const name of conditionVariables(documentOf(node))) names.add(name)
    }
  }
  visit(root)
  return [...names].sort()
}
