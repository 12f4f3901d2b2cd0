import type { GraphQLSchema } from 'graphql'
import type { Authorized, Fetched, Shaped } from '../../kernel/contexts.js'
import type { OperationRecord } from '../../kernel/operation.js'
import type { PolicySchema } from '../../kernel/policy-schema.js'
import type { Stage } from '../../kernel/stage.js'
import { andThen } from '../../kernel/stage.js'
import {
  addParentFields,
  chooseHiddenKeys,
  selectsParentRuled,
  type HiddenKeys,
} from './add-parent-fields.js'
import { judgeParents } from './judge-parents.js'
import type { AskParentRule } from './judging.js'
import type { ParentRules } from './parent-rules.js'
import type { PossibleTypes } from '../possible-types.js'
import type { Verdict } from '../verdicts.js'

export interface AfterFetchParts {
  readonly schema: GraphQLSchema
  readonly types: PossibleTypes
  readonly rules: ParentRules
  readonly ask: AskParentRule
  readonly unsure: Verdict | undefined
  readonly rejects: boolean
  readonly prune: PolicySchema['prune']
}

/** The rules that are asked over what came: prepared before the fetch, asked after it. */
export interface AfterFetch {
  /** Adds what those rules read to what is asked for; operations that they do not touch go through as they are. */
  readonly prepare: (context: Authorized) => Authorized
  /** Writes the answer as `shape` does, and takes out of it what the rules refuse. */
  readonly judge: (shape: Stage<Fetched, Shaped>) => Stage<Fetched, Shaped>
}

const NOTHING_TO_JUDGE = 'nothing'

/** Makes both; without such rules neither does anything. */
export function createAfterFetch(parts: AfterFetchParts): AfterFetch {
  const { schema, types, rules, prune } = parts
  if (rules.size === 0) return { prepare: (context) => context, judge: (shape) => shape }
  const prepared = new WeakMap<OperationRecord, HiddenKeys | typeof NOTHING_TO_JUDGE>()
  const extended = new WeakMap<OperationRecord, OperationRecord>()
  /** By the operation with the hidden fields in it. */
  const judged = new WeakMap<OperationRecord, HiddenKeys>()

  const keysFor = (operation: OperationRecord): HiddenKeys | typeof NOTHING_TO_JUDGE => {
    const known = prepared.get(operation)
    if (known !== undefined) return known
    const isTouched = selectsParentRuled(schema, types, rules, operation)
    const keys = isTouched ? chooseHiddenKeys(operation) : NOTHING_TO_JUDGE
    prepared.set(operation, keys)
    return keys
  }
  const extend = (record: OperationRecord, keys: HiddenKeys): OperationRecord => {
    const made = extended.get(record) ?? addParentFields(schema, types, rules, record, keys)
    extended.set(record, made)
    return made
  }

  return {
    prepare: (context) => {
      const keys = keysFor(context.operation)
      if (keys === NOTHING_TO_JUDGE || context.permitted === null) return context
      const operation = extend(context.operation, keys)
      judged.set(operation, keys)
      // Pruned anew, so that what is fetched has every hidden field that the answer is written with.
      return {
        ...context,
        operation,
        permitted: prune(operation, context.denials),
        isJudgedAfterFetch: true,
      }
    },
    judge: (shape) => ({
      name: shape.name,
      run: (context) => {
        const shaped = shape.run(context)
        const keys = judged.get(context.operation)
        if (keys === undefined) return shaped
        const judge = async (done: Shaped): Promise<Shaped> => ({
          ...done,
          answer: await judgeParents(done, keys, parts),
        })
        return andThen(shaped, judge)
      },
    }),
  }
}
