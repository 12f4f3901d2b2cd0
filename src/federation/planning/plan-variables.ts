import type { Json } from '../../kernel/json.js'
import type { VariableValues } from '../../kernel/operation.js'

/** How the values of one operation come to stand under the names of a plan that it shares with others. */
export class PlanVariables {
  readonly #literals: VariableValues
  readonly #renamed: readonly (readonly [client: string, plan: string])[]
  readonly #isSame: boolean

  /** `renamed` has every variable of the client that the plan uses, even under the name that it had. */
  constructor(renamed: ReadonlyMap<string, string>, literals: ReadonlyMap<string, Json>) {
    this.#renamed = [...renamed]
    this.#literals = Object.freeze(Object.fromEntries(literals))
    this.#isSame = literals.size === 0 && this.#renamed.every(([client, plan]) => client === plan)
  }

  /** An operation without variables gets the same object every time. */
  readonly valuesFor = (variables: VariableValues): VariableValues => {
    if (this.#isSame) return variables
    if (this.#renamed.length === 0) return this.#literals
    const values: Record<string, Json | undefined> = { ...this.#literals }
    for (const [client, plan] of this.#renamed) {
      if (Object.hasOwn(variables, client)) values[plan] = variables[client]
    }
    return values
  }

  /** Memory in bytes, estimated. */
  get bytes(): number {
    return 2 * JSON.stringify([this.#literals, this.#renamed]).length
  }
}
