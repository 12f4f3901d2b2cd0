import { Kind } from 'graphql'
import { Combinations } from '../kernel/combinations.js'
import { conditionKey, conditionVariables } from '../kernel/condition-variables.js'
import type { Denial } from '../kernel/denial.js'
import type { OperationRecord, VariableValues } from '../kernel/operation.js'
import type { PolicyCheck, ToDenial } from '../kernel/policy-schema.js'
import { putQuestions } from './asking.js'
import { mergeRefusals } from './merge-refusals.js'
import { eachOccurrence, type Occurrence } from './occurrences.js'
import type { PossibleTypes } from './possible-types.js'
import { prepareQuestions, type PolicySchemas, type Questionnaire } from './questions.js'

/** Questionnaires kept per operation: as many as its conditions have combinations in use. */
const MOST_QUESTIONNAIRES = 16
const NOTHING_DENIED: readonly Denial[] = []

/** What is known of an operation before anybody asks for it. */
interface Prepared {
  readonly conditions: readonly string[]
  /** Variables without which the operation means nothing. */
  readonly needed: readonly string[]
  readonly questionnaires: Combinations<Questionnaire>
}

/** Makes a check from a policy schema whose resolvers a library has changed; what it left as it was is allowed. */
export function createCheck(schemas: PolicySchemas, types: PossibleTypes, toDenial: ToDenial): PolicyCheck {
  const known = new WeakMap<OperationRecord, Prepared>()
  const preparedFor = (operation: OperationRecord): Prepared => {
    const prepared = known.get(operation) ?? prepare(operation)
    known.set(operation, prepared)
    return prepared
  }
  const questionsOf = (operation: OperationRecord, variables: VariableValues): Questionnaire => {
    const { conditions, needed, questionnaires } = preparedFor(operation)
    assertPresent(needed, variables)
    const key = conditionKey(conditions, variables)
    return questionnaires.get(key, () => prepareQuestions(schemas, operation, variables))
  }
  return {
    schema: schemas.transformed,
    ask: async (operation, variables, context) => {
      const questionnaire = questionsOf(operation, variables)
      const refusals = await putQuestions(questionnaire, { variables, context, toDenial })
      if (refusals.length === 0) return NOTHING_DENIED
      const occurrences = (): readonly Occurrence[] => {
        const found: Occurrence[] = []
        eachOccurrence(schemas.plain, types, operation, (occurrence) => found.push(occurrence), variables)
        return found
      }
      return mergeRefusals(refusals, occurrences, (typeName) => types.isAbstract(typeName))
    },
  }
}

function prepare(operation: OperationRecord): Prepared {
  const definitions = operation.operation.variableDefinitions ?? []
  return {
    conditions: conditionVariables(operation.document),
    needed: definitions
      .filter(({ type, defaultValue }) => type.kind === Kind.NON_NULL_TYPE && defaultValue === undefined)
      .map(({ variable }) => variable.name.value),
    questionnaires: new Combinations(MOST_QUESTIONNAIRES),
  }
}

/** Variables were coerced long before; whoever asks without must not be told that all is allowed. */
function assertPresent(needed: readonly string[], variables: VariableValues): void {
  const missing = needed.find((name) => variables[name] === undefined || variables[name] === null)
  if (missing !== undefined) throw new Error(`The variable $${missing} has no value.`)
}
