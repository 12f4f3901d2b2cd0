import {
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  type SelectionSetNode,
} from 'graphql'
import type { ResponsePath } from '../response-path.js'

/** A selection set and the type on which it selects. */
interface Level {
  readonly type: GraphQLNamedType | undefined
  readonly selectionSet: SelectionSetNode
}

/** A response key at some depth of an operation: what it may be, whatever the types of the objects above it. */
interface Landing {
  readonly type: GraphQLOutputType | undefined
  readonly levels: readonly Level[]
}

/**
 * Knows an operation by its response keys, without data: which paths exist, and where they pass through lists.
 *
 * Fields under one key have the same shape whatever their parent (GraphQL specification §5.3.2), so the type
 * of the first one found tells where the lists are.
 */
export class ResponseGuide {
  readonly #schema: GraphQLSchema
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly #root: Level

  constructor(
    schema: GraphQLSchema,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    type: GraphQLNamedType,
    selectionSet: SelectionSetNode,
  ) {
    this.#schema = schema
    this.#fragments = fragments
    this.#root = { type, selectionSet }
  }

  /** Adds `@` to a path of response keys wherever it passes through a list. */
  markLists(keys: readonly string[]): ResponsePath {
    const path: (string | number)[] = []
    let levels: readonly Level[] = [this.#root]
    for (const [index, key] of keys.entries()) {
      const landing = this.#land(levels, key)
      path.push(key)
      if (!landing) continue
      const isLast = index === keys.length - 1
      for (let depth = isLast ? 0 : listDepth(landing.type); depth > 0; depth -= 1) path.push('@')
      levels = landing.levels
    }
    return path
  }

  /** Cuts a path where it leaves what the client asked for, so that no other field's name gets out. */
  trim(path: ResponsePath): ResponsePath {
    let levels: readonly Level[] = [this.#root]
    for (const [index, step] of path.entries()) {
      if (typeof step === 'number' || step === '@') continue
      const landing = this.#land(levels, step)
      if (!landing) return path.slice(0, index)
      levels = landing.levels
    }
    return path
  }

  #land(levels: readonly Level[], key: string): Landing | undefined {
    const found = levels.flatMap((level) => this.#fieldsUnder(level, key, new Set()))
    const [first] = found
    if (!first) return undefined
    const inner = found.flatMap(({ type, node }) =>
      node.selectionSet ? [{ type: type && getNamedType(type), selectionSet: node.selectionSet }] : [],
    )
    return { type: first.type, levels: inner }
  }

  #fieldsUnder(level: Level, key: string, visited: Set<string>): FoundField[] {
    return level.selectionSet.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) {
        const isWanted = (selection.alias ?? selection.name).value === key
        return isWanted ? [{ node: selection, type: fieldType(level.type, selection) }] : []
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition
        const type = condition ? this.#schema.getType(condition.name.value) : level.type
        return this.#fieldsUnder({ type, selectionSet: selection.selectionSet }, key, visited)
      }
      const fragment = this.#fragments.get(selection.name.value)
      if (!fragment || visited.has(selection.name.value)) return []
      visited.add(selection.name.value)
      const type = this.#schema.getType(fragment.typeCondition.name.value)
      return this.#fieldsUnder({ type, selectionSet: fragment.selectionSet }, key, visited)
    })
  }
}

interface FoundField {
  readonly node: FieldNode
  readonly type: GraphQLOutputType | undefined
}

function fieldType(parent: GraphQLNamedType | undefined, field: FieldNode): GraphQLOutputType | undefined {
  if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined
  return parent.getFields()[field.name.value]?.type
}

function listDepth(type: GraphQLType | undefined): number {
  if (isNonNullType(type)) return listDepth(type.ofType)
  return isListType(type) ? 1 + listDepth(type.ofType) : 0
}
