import {
  isAbstractType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import { Combinations } from '../../kernel/combinations.js'
import { conditionKey, conditionVariables } from '../../kernel/condition-variables.js'
import type { DataLayout } from '../../kernel/fetch-outcome.js'
import { fragmentsByName } from '../../kernel/fragments-by-name.js'
import { conditionsAmong } from '../../kernel/is-included.js'
import type { OperationRecord, VariableValues } from '../../kernel/operation.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import { collectFields, type SelectionScope } from './collect-fields.js'
import { compileObject, type CompleteObject } from './complete-value.js'
import { compileIntrospection, type Introspect } from './introspection.js'
import { ResponseGuide } from './response-guide.js'
import { compilePassThrough, type IsWhole } from './pass-through.js'
import { isIntrospection, Selections } from './selections.js'
import { compileWriteObject, type WriteObject } from './write-value.js'

/** How to shape the answers of one operation, for one layout of the data and one set of conditions' decisions. */
export interface ShapeProgram {
  /** Completes the data with all that may be wrong with it. */
  readonly complete: CompleteObject
  /** Writes the data where nothing is wrong with it, at a fraction of the time. */
  readonly write: WriteObject
  /** Says whether the one reply may go out as it came; undefined where it never may. */
  readonly isWhole: IsWhole | undefined
  /** Undefined where the operation has no introspection fields. */
  readonly introspect: Introspect | undefined
}

/** All that is made once per operation. */
export interface OperationShape {
  readonly guide: ResponseGuide
  readonly programFor: (variables: VariableValues, layout: DataLayout) => ShapeProgram
}

/** Sets of decisions for which one operation's programs are kept; n variables make 2^n of them. */
const MAX_PROGRAMS = 32

/** Prepares an operation: the decisions of conditions choose among programs that hold no conditions any more. */
export function prepareOperation(supergraph: Supergraph, record: OperationRecord): OperationShape {
  const schema = supergraph.apiSchema
  const hidesTypes = (type: GraphQLAbstractType) => hasHiddenTypes(supergraph, type)
  const isObjectName = (name: string) => isObjectType(supergraph.schema.getType(name))
  const { planKey } = supergraph
  const { operation, document } = record
  const rootType = rootTypeOf(schema, record)
  const fragments = fragmentsByName(document)
  const names = conditionVariables(document)
  const programs = new WeakMap<DataLayout, Combinations<ShapeProgram>>()

  function programFor(variables: VariableValues, layout: DataLayout): ShapeProgram {
    let ofLayout = programs.get(layout)
    if (ofLayout === undefined) {
      ofLayout = new Combinations(MAX_PROGRAMS)
      programs.set(layout, ofLayout)
    }
    return ofLayout.get(conditionKey(names, variables), () => {
      const conditions = conditionsAmong(document, variables)
      const scope = { schema, fragments, conditions, hidesTypes, isObjectName, planKey }
      return compileProgram(scope, record, rootType, layout)
    })
  }

  return {
    guide: new ResponseGuide({ schema, fragments, planKey }, rootType, operation.selectionSet),
    programFor,
  }
}

/** True where the full schema knows more types under this one than the API schema does. */
function hasHiddenTypes({ schema, apiSchema }: Supergraph, type: GraphQLAbstractType): boolean {
  const fullType = schema.getType(type.name)
  if (!isAbstractType(fullType)) return false
  return schema.getPossibleTypes(fullType).length > apiSchema.getPossibleTypes(type).length
}

function rootTypeOf(schema: GraphQLSchema, { operation }: OperationRecord): GraphQLObjectType {
  const rootType = schema.getRootType(operation.operation)
  // Validation let the operation through, so the schema has such a type.
  if (!rootType) throw new Error(`The API schema has no type for a ${operation.operation}.`)
  return rootType
}

function compileProgram(
  scope: SelectionScope,
  { operation }: OperationRecord,
  rootType: GraphQLObjectType,
  layout: DataLayout,
): ShapeProgram {
  const selectionSets = [operation.selectionSet]
  const rootFields = [...collectFields(scope, rootType, selectionSets).values()].flat()
  const local = rootFields.filter((field) => isIntrospection(scope.schema, rootType, field.name.value))
  const asked = new Selections(scope, selectionSets, layout).fieldsOf(rootType)
  // Most operations never need the long way.
  let complete: CompleteObject | undefined
  return {
    complete: (record, trail, shaping) => {
      complete ??= compileObject(rootType.name, asked)
      return complete(record, trail, shaping)
    },
    write: compileWriteObject(asked, layout),
    isWhole: compilePassThrough(asked, layout.soleKeys),
    introspect: compileIntrospection(scope.schema, operation, [...scope.fragments.values()], local),
  }
}
