import { createHash } from 'node:crypto'
import {
  isAbstractType,
  isCompositeType,
  Kind,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type FieldNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { hashOperation } from '../../kernel/hash-operation.js'
import type { OperationRecord } from '../../kernel/operation.js'
import type { ParentRules } from './parent-rules.js'
import type { PossibleTypes } from '../possible-types.js'

/** Response keys of fields that no client asked for: the prefix, `field_` or `typename`, the name. */
export interface HiddenKeys {
  readonly prefix: string
  readonly typename: string
  readonly of: (field: string) => string
}

/** Chooses keys that do not occur in the operation: where it has the plain ones, they hold a digest of it. */
export function chooseHiddenKeys({ source }: OperationRecord): HiddenKeys {
  const plain = 'gatehouse_'
  // No text holds its own digest, so that one look is enough however the client chose his names.
  const prefix = source.includes(plain) ? `${plain}${digestOf(source)}_` : plain
  return { prefix, typename: `${prefix}typename`, of: (field) => `${prefix}field_${field}` }
}

/** Says whether an operation selects a field whose rule needs the parent object. */
export function selectsParentRuled(
  schema: GraphQLSchema,
  types: PossibleTypes,
  rules: ParentRules,
  { document }: OperationRecord,
): boolean {
  const typeInfo = new TypeInfo(schema)
  let found = false
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field: ({ name }) => {
        const parent = typeInfo.getParentType()
        if (isCompositeType(parent)) {
          found ||= [...types.of(parent.name)].some((type) => rules.has(`${type}.${name.value}`))
        }
      },
    }),
  )
  return found
}

/**
 * Adds what rules read of their parent objects to an operation, under keys that are taken out of the answer again.
 *
 * Below abstract types it also asks for the name of the type, so that whoever judges knows which rule is meant.
 */
export function addParentFields(
  schema: GraphQLSchema,
  types: PossibleTypes,
  rules: ParentRules,
  record: OperationRecord,
  keys: HiddenKeys,
): OperationRecord {
  const typeInfo = new TypeInfo(schema)
  const document = visit(
    record.document,
    visitWithTypeInfo(typeInfo, {
      SelectionSet: {
        leave: (node) => {
          const parent = typeInfo.getParentType()
          if (!isCompositeType(parent)) return undefined
          const isAbstract = isAbstractType(parent)
          const needed = [...types.of(parent.name)].flatMap((type): readonly SelectionNode[] => {
            const fields = readsOf(type, node, rules).map((field) => hidden(field, keys))
            if (fields.length === 0) return []
            return isAbstract ? [onType(type, fields)] : fields
          })
          const added: readonly SelectionNode[] = isAbstract ? [typename(keys), ...needed] : needed
          return added.length === 0 ? undefined : { ...node, selections: [...node.selections, ...added] }
        },
      },
    }),
  )
  const operation = document.definitions.find(
    (definition) =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.name?.value === record.operation.name?.value,
  )
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('The operation is gone.')
  const source = print(document)
  return { ...record, hash: hashOperation(source, record.name), document, operation, source }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function readsOf(type: string, { selections }: SelectionSetNode, rules: ParentRules): readonly FieldNode[] {
  const reads = selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? (rules.get(`${type}.${selection.name.value}`)?.reads ?? []) : [],
  )
  return [...new Set(reads)]
}

function hidden(field: FieldNode, keys: HiddenKeys): FieldNode {
  return { ...field, alias: { kind: Kind.NAME, value: keys.of(field.name.value) } }
}

function typename({ typename: key }: HiddenKeys): FieldNode {
  return {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: key },
    name: { kind: Kind.NAME, value: '__typename' },
  }
}

function onType(type: string, selections: readonly FieldNode[]): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  }
}
