import { Combinations } from '../../kernel/combinations.js'
import { conditionKey, conditionVariables } from '../../kernel/condition-variables.js'
import { GatewayError } from '../../kernel/gateway-error.js'
import type { OperationRecord, VariableValues } from '../../kernel/operation.js'
import { TooEntangled } from './asked-fields.js'
import { compileEstimate, type CostModel, type Estimate, type RequiredSlicing } from './compile-estimate.js'
import { MOST_COST } from './cost-program.js'

/** Estimates kept per operation: as many as its conditions have combinations in use. */
const MOST_ESTIMATES = 16

/** The estimates of operations, compiled when an operation is first asked. */
export interface OperationCosts {
  /** What the operation will cost at most, as far as lists are as long as their `@listSize` says. */
  readonly estimate: (operation: OperationRecord, variables: VariableValues) => number
  /** Raises GRAPHQL_VALIDATION_FAILED where a list that wants exactly one slicing argument has none, or several. */
  readonly assertSliced: (operation: OperationRecord, variables: VariableValues) => void
}

interface Known {
  readonly conditions: readonly string[]
  readonly estimates: Combinations<Estimate>
}

const BEYOND_ALL: Estimate = { cost: MOST_COST, slicings: [] }

export function createOperationCosts(model: CostModel): OperationCosts {
  const known = new WeakMap<OperationRecord, Known>()

  function look(operation: OperationRecord): Known {
    const conditions = conditionVariables(operation.document)
    const found = { conditions, estimates: new Combinations<Estimate>(MOST_ESTIMATES) }
    known.set(operation, found)
    return found
  }

  function estimateOf(operation: OperationRecord, variables: VariableValues): Estimate {
    const { conditions, estimates } = known.get(operation) ?? look(operation)
    return estimates.get(conditionKey(conditions, variables), () => compile(model, operation, variables))
  }

  return {
    estimate: (operation, variables) => {
      const { cost } = estimateOf(operation, variables)
      return typeof cost === 'number' ? cost : cost(variables)
    },
    assertSliced: (operation, variables) => {
      const { slicings } = estimateOf(operation, variables)
      if (slicings.length > 0) assertSliced(slicings, variables)
    },
  }
}

function compile(model: CostModel, operation: OperationRecord, variables: VariableValues): Estimate {
  try {
    return compileEstimate(model, operation, variables)
  } catch (error) {
    if (error instanceof TooEntangled) return BEYOND_ALL
    throw error
  }
}

function assertSliced(slicings: readonly RequiredSlicing[], variables: VariableValues): void {
  const wrong = slicings.filter(({ read }) => read(variables).deciding !== 1)
  if (wrong.length === 0) return
  throw new GatewayError('GRAPHQL_VALIDATION_FAILED', 'The document does not fit the schema.', {
    details: wrong.map(({ coordinate, names, node }) => {
      const token = node.loc?.startToken
      const wanted =
        names.length === 1 ? `the argument ${names[0] ?? ''}` : `exactly one of ${names.join(', ')}`
      return {
        message: `${coordinate} needs ${wanted}, which says how long its list may be.`,
        ...(token ? { locations: [{ line: token.line, column: token.column }] } : {}),
      }
    }),
  })
}
