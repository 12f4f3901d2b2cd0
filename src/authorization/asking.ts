import { isNativeError } from 'node:util/types'
import type { VariableValues } from '../kernel/operation.js'
import type { ToDenial } from '../kernel/policy-schema.js'
import { isPromise } from '../kernel/stage.js'
import type { Question, Questionnaire } from './questions.js'
import { coordinateOf, toRefusal, type Refusal } from './refusal.js'

/** What one request brings to the questions of its operation. */
export interface Asker {
  readonly variables: VariableValues
  /** The context value of the policy libraries. */
  readonly context: object
  readonly toDenial: ToDenial
}

/**
 * Puts the questions of an operation and collects the refusals.
 *
 * As an execution by graphql-js would: what stands below a refused field is not asked, the fields of a query are
 * asked together and the root fields of a mutation one after the other. A fault of ours rejects when everything
 * is answered: it never counts as consent.
 */
export function putQuestions(questionnaire: Questionnaire, asker: Asker): Promise<readonly Refusal[]> {
  const asking = new Asking(asker)
  const [first, ...others] = questionnaire
  return first !== undefined && others.length === 0 ? asking.step(first) : inSteps(asking, questionnaire)
}

async function inSteps(asking: Asking, questionnaire: Questionnaire): Promise<readonly Refusal[]> {
  for (const questions of questionnaire) await asking.step(questions)
  return asking.refusals
}

class Asking {
  readonly refusals: Refusal[] = []
  readonly #asker: Asker
  /** A copy, because a rule may change what it is given, and subgraphs get the same values. */
  readonly #variables: VariableValues
  readonly #shared = new Set<Question>()
  #unanswered = 0
  #whenAnswered: () => void = () => undefined
  #fault: Error | undefined

  constructor(asker: Asker) {
    this.#asker = asker
    this.#variables = copyOf(asker.variables)
  }

  /** Gives the refusals so far. */
  step(questions: readonly Question[]): Promise<readonly Refusal[]> {
    return new Promise((resolve, reject) => {
      this.#whenAnswered = () => {
        if (this.#fault === undefined) resolve(this.refusals)
        else reject(this.#fault)
      }
      // One for ourselves, so that answers given at once do not end the step.
      this.#unanswered = 1
      this.#putAll(questions)
      this.#answered()
    })
  }

  #putAll(questions: readonly Question[]): void {
    for (const question of questions) {
      if (question.isShared) {
        if (this.#shared.has(question)) continue
        this.#shared.add(question)
      }
      this.#guard(() => this.#put(question))
    }
  }

  #put(question: Question): void {
    const args = question.readArguments(this.#variables)
    let answer: unknown
    try {
      answer = question.resolve(question.parent, args, this.#asker.context, {
        ...question.info,
        variableValues: this.#variables,
      })
    } catch (error) {
      this.#refuse(question, error)
      return
    }
    if (isPromise(answer)) this.#await(question, answer)
    else this.#settle(question, answer)
  }

  #await(question: Question, answer: Promise<unknown>): void {
    this.#unanswered += 1
    answer.then(
      (value) => {
        this.#guard(() => this.#settle(question, value))
        this.#answered()
      },
      (error: unknown) => {
        this.#guard(() => this.#refuse(question, error))
        this.#answered()
      },
    )
  }

  /** graphql-js takes a returned error for a thrown one, and so do the policy libraries. */
  #settle(question: Question, answer: unknown): void {
    if (answer instanceof Error || isNativeError(answer)) this.#refuse(question, answer)
    else this.#putAll(question.below)
  }

  #refuse(question: Question, error: unknown): void {
    this.refusals.push(toRefusal(question, this.#asker.toDenial(error, coordinateOf(question.info))))
  }

  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fault ??= error instanceof Error ? error : new Error('Asking failed.', { cause: error })
    }
  }

  #answered(): void {
    this.#unanswered -= 1
    if (this.#unanswered === 0) this.#whenAnswered()
  }
}

/** Coerced variables hold JSON. */
function copyOf(variables: VariableValues): VariableValues {
  const copy: Record<string, VariableValues[string]> = {}
  for (const name in variables) {
    const value = variables[name]
    copy[name] = typeof value === 'object' && value !== null ? structuredClone(value) : value
  }
  return copy
}
