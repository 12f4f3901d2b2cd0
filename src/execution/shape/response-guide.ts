import {
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  type SelectionSetNode,
} from 'graphql'
import type { FragmentsByName } from '../../kernel/fragments-by-name.js'
import type { PlanKey } from '../../kernel/plan-keys.js'
import type { ResponsePath } from '../response-path.js'

/** A selection set and the type on which it selects. */
interface Level {
  readonly type: GraphQLNamedType | undefined
  readonly selectionSet: SelectionSetNode
}

/** A response key at some depth of an operation: what it may be, whatever the types of the objects above it. */
interface Landing {
  readonly key: string
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
  readonly #fragments: FragmentsByName
  readonly #planKey: PlanKey
  readonly #root: Level

  constructor(
    { schema, fragments, planKey }: GuideScope,
    type: GraphQLNamedType,
    selectionSet: SelectionSetNode,
  ) {
    this.#schema = schema
    this.#fragments = fragments
    this.#planKey = planKey
    this.#root = { type, selectionSet }
  }

  /** Adds `@` to a path of response keys wherever it passes through a list. */
  markLists(keys: readonly string[]): ResponsePath {
    const path: (string | number)[] = []
    let levels: readonly Level[] = [this.#root]
    for (const [index, key] of keys.entries()) {
      const landing = this.#land(levels, (node) => keyOf(node) === key)
      path.push(key)
      if (!landing) continue
      const isLast = index === keys.length - 1
      for (let depth = isLast ? 0 : listDepth(landing.type); depth > 0; depth -= 1) path.push('@')
      levels = landing.levels
    }
    return path
  }

  /**
   * Writes a path of the data with the client's keys. Where it leaves what the client asked for it is cut, so that no
   * other field's name gets out.
   */
  toClientPath(path: ResponsePath): ResponsePath {
    const written: (string | number)[] = []
    let levels: readonly Level[] = [this.#root]
    for (const step of path) {
      if (typeof step === 'number' || step === '@') {
        written.push(step)
        continue
      }
      const landing = this.#land(levels, (node) => this.#planKey(node) === step)
      if (!landing) return written
      written.push(landing.key)
      levels = landing.levels
    }
    return written
  }

  #land(levels: readonly Level[], isWanted: (node: FieldNode) => boolean): Landing | undefined {
    const found = levels.flatMap((level) => this.#find(level, isWanted, new Set()))
    const [first] = found
    if (!first) return undefined
    const inner = found.flatMap(({ type, node }) =>
      node.selectionSet ? [{ type: type && getNamedType(type), selectionSet: node.selectionSet }] : [],
    )
    return { key: keyOf(first.node), type: first.type, levels: inner }
  }

  #find(level: Level, isWanted: (node: FieldNode) => boolean, visited: Set<string>): FoundField[] {
    return level.selectionSet.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) {
        return isWanted(selection) ? [{ node: selection, type: fieldType(level.type, selection) }] : []
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition
        const type = condition ? this.#schema.getType(condition.name.value) : level.type
        return this.#find({ type, selectionSet: selection.selectionSet }, isWanted, visited)
      }
      const fragment = this.#fragments.get(selection.name.value)
      if (!fragment || visited.has(selection.name.value)) return []
      visited.add(selection.name.value)
      const type = this.#schema.getType(fragment.typeCondition.name.value)
      return this.#find({ type, selectionSet: fragment.selectionSet }, isWanted, visited)
    })
  }
}

/** What a guide must know beside the operation. */
export interface GuideScope {
  readonly schema: GraphQLSchema
  readonly fragments: FragmentsByName
  readonly planKey: PlanKey
}

function keyOf({ alias, name }: FieldNode): string {
  return (alias ?? name).value
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
