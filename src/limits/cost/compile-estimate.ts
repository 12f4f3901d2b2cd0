import {
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import type { OperationRecord, VariableValues } from '../../kernel/operation.js'
import type { PlanKey } from '../../kernel/plan-keys.js'
import { AskedFields, innerSets, type Fielded } from './asked-fields.js'
import { defaultWeight, type CostDirectives, type ListSize, type SizedTree } from './cost-directives.js'
import { CostProgram, type EvaluateCost, type Term } from './cost-program.js'
import { InputCosts } from './input-costs.js'
import { compileListSize, type ReadAskedSize } from './list-sizes.js'

/** What a mutation costs beside its fields (Apollo: demand control, "Calculating cost"). */
export const MUTATION_COST = 10

/** What estimates of one graph have in common. */
export interface CostModel {
  readonly apiSchema: GraphQLSchema
  readonly directives: CostDirectives
  /** For lists of which nothing says how long they are. */
  readonly defaultListSize: number
  /** True where root fields cost nothing but what is asked below them. */
  readonly isRootFree?: boolean
}

/** An operation's estimate for one set of `@skip` and `@include` decisions. */
export interface Estimate {
  readonly cost: number | EvaluateCost
  /** Fields that want exactly one slicing argument. */
  readonly slicings: readonly RequiredSlicing[]
}

/** A field that must be asked with one slicing argument, no more and no less. */
export interface RequiredSlicing {
  readonly coordinate: string
  readonly node: FieldNode
  readonly names: readonly string[]
  readonly read: ReadAskedSize
}

/**
 * Compiles the estimate of an operation (IBM GraphQL cost directives, "Field Cost"; Apollo's defaults).
 *
 * A field costs its weight and what is asked of it, times the size of its list, plus its arguments. Of an abstract type
 * the most expensive object counts. Raises TooEntangled where that is too much to work out.
 */
export function compileEstimate(
  model: CostModel,
  record: OperationRecord,
  variables: VariableValues,
): Estimate {
  const { operation } = record
  const root = model.apiSchema.getRootType(operation.operation)
  if (!root) return { cost: 0, slicings: [] }
  const freeType = model.isRootFree === true ? root : undefined
  const compiler = new EstimateCompiler(model, new AskedFields(model.apiSchema, record, variables), freeType)
  const fields = compiler.ofFields(root, [operation.selectionSet], undefined)
  const base = record.type === 'mutation' ? MUTATION_COST : 0
  const { program, slicings } = compiler
  return { cost: program.finish(program.sum([base, fields])), slicings }
}

/** Sizes that a field above has announced for lists below it. */
interface Sized {
  /** Equal exactly when the sizes are. */
  readonly key: string
  readonly fields: ReadonlyMap<string, { readonly size: Term | undefined; readonly below: Sized | undefined }>
}

/** A place in an operation. */
interface Reached {
  readonly types: readonly Fielded[]
  readonly sets: readonly SelectionSetNode[]
  readonly sized: Sized | undefined
}

/** Compiles parts of an operation; their terms belong to its program. */
export class EstimateCompiler {
  readonly program = new CostProgram()
  readonly slicings: RequiredSlicing[] = []
  readonly #model: CostModel
  readonly #asked: AskedFields
  readonly #inputs: InputCosts
  /** By type, selection sets and announced sizes: what stands at several places is worked out once. */
  readonly #known = new Map<string, Term>()
  readonly #numbers = new Map<SelectionSetNode, number>()
  readonly #sizes = new Map<FieldNode, Map<string, Term | undefined>>()
  readonly #freeType: Fielded | undefined

  /** Fields of `freeType` cost nothing but what is asked below them. */
  constructor(model: CostModel, asked: AskedFields, freeType?: Fielded) {
    this.#model = model
    this.#asked = asked
    this.#freeType = freeType
    this.#inputs = new InputCosts(model.directives)
  }

  /** What is asked of one object type. */
  ofFields(type: Fielded, sets: readonly SelectionSetNode[], sized: Sized | undefined): Term {
    const key = `${type.name} ${this.#numbersOf(sets)} ${sized?.key ?? ''}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const fields = this.#asked.collect(type, sets)
    const term = this.program.sum([...fields.values()].map((nodes) => this.#ofField(type, nodes, sized)))
    this.#known.set(key, term)
    return term
  }

  #ofField(type: Fielded, nodes: readonly FieldNode[], announced: Sized | undefined): Term {
    const [node] = nodes
    const field = node && type.getFields()[node.name.value]
    // What introspection says costs no subgraph anything.
    if (!node || !field) return 0
    const { program } = this
    const { count, below } = this.#lengthOf(type, field, node, announced)
    const one = program.max([0, this.#ofOne(type, field, innerSets(nodes), below)])
    const inputs = type === this.#freeType ? 0 : this.#inputs.ofField(type, node, program)
    return program.sum([program.times(count, one), inputs])
  }

  /**
   * How many objects stand at a place, which is told by the keys of a plan from the root. What a planner asks on its
   * own account is taken for one each.
   */
  countAt(root: Fielded, sets: readonly SelectionSetNode[], keys: readonly string[], planKey: PlanKey): Term {
    const counts: Term[] = []
    let at: Reached = { types: [root], sets, sized: undefined }
    for (const key of keys) {
      const found = at.types.flatMap((type) => this.#reach(type, key, at, planKey))
      const [first] = found
      if (first === undefined) break
      counts.push(this.program.max(found.map(({ count }) => count)))
      at = {
        types: [...new Set(found.flatMap(({ types }) => types))],
        sets: [...new Set(found.flatMap((one) => one.sets))],
        sized: first.sized,
      }
    }
    return counts.reduce((product, count) => this.program.times(product, count), 1)
  }

  #reach(
    type: Fielded,
    key: string,
    { sets, sized }: Reached,
    planKey: PlanKey,
  ): readonly (Reached & { readonly count: Term })[] {
    return [...this.#asked.collect(type, sets).values()].flatMap((nodes) => {
      const [node] = nodes
      const field = node && type.getFields()[node.name.value]
      if (!node || !field || planKey(node) !== key) return []
      const named = getNamedType(field.type)
      if (!isCompositeType(named)) return []
      const { count, below } = this.#lengthOf(type, field, node, sized)
      return [{ count, types: this.#objectTypes(named), sets: innerSets(nodes), sized: below }]
    })
  }

  /** How many values a field has, and what it says of the lists below it. */
  #lengthOf(
    type: Fielded,
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
    announced: Sized | undefined,
  ): { readonly count: Term; readonly below: Sized | undefined } {
    const listSize = this.#model.directives.listSize(type, field.name)
    const own = listSize && this.#sizeOf(`${type.name}.${field.name}`, listSize, field, node)
    const above = announced?.fields.get(field.name)
    const depth = listDepth(field.type)
    return {
      count: depth === 0 ? 1 : this.#countOf(above?.size ?? own, depth),
      below: announce(listSize?.sizedFields, own, above?.below),
    }
  }

  /** One value of a field: its weight and, of an object, what is asked of it. */
  #ofOne(
    type: Fielded,
    field: GraphQLField<unknown, unknown>,
    sets: readonly SelectionSetNode[],
    sized: Sized | undefined,
  ): Term {
    const named = getNamedType(field.type)
    const weight = type === this.#freeType ? 0 : this.#model.directives.fieldWeight(type, field.name)
    if (!isCompositeType(named)) return weight ?? defaultWeight(named)
    // Many types may have the field: what it returns is worked out once for all of them.
    const key = `${weight ?? ''} of ${named.name} ${this.#numbersOf(sets)} ${sized?.key ?? ''}`
    const known = this.#known.get(key) ?? this.#ofObjects(named, weight, sets, sized)
    this.#known.set(key, known)
    return known
  }

  #ofObjects(
    named: GraphQLCompositeType,
    weight: number | undefined,
    sets: readonly SelectionSetNode[],
    sized: Sized | undefined,
  ): Term {
    const { program } = this
    const { directives } = this.#model
    return program.max(
      this.#objectTypes(named).map((object) =>
        program.sum([
          weight ?? directives.typeWeight(object) ?? defaultWeight(object),
          this.ofFields(object, sets, sized),
        ]),
      ),
    )
  }

  #objectTypes(type: GraphQLCompositeType): readonly Fielded[] {
    return this.#asked.possibleTypes(type)
  }

  #countOf(size: Term | undefined, depth: number): Term {
    const { program } = this
    const { defaultListSize } = this.#model
    let count = size ?? defaultListSize
    // `@listSize` speaks of the outer list; nothing says how long the inner ones are.
    for (let inner = 1; inner < depth; inner += 1) count = program.times(count, defaultListSize)
    return count
  }

  #sizeOf(
    coordinate: string,
    listSize: ListSize,
    field: GraphQLField<unknown, unknown>,
    node: FieldNode,
  ): Term | undefined {
    const ofNode = this.#sizes.get(node) ?? new Map<string, Term | undefined>()
    this.#sizes.set(node, ofNode)
    if (ofNode.has(coordinate)) return ofNode.get(coordinate)
    const { isConstant, read } = compileListSize(listSize, field, node)
    if (listSize.requireOneSlicingArgument) {
      const names = listSize.slicingArguments.map((path) => path.join('.'))
      this.slicings.push({ coordinate, node, names, read })
    }
    const { defaultListSize } = this.#model
    const size = isConstant
      ? read({}).size
      : this.program.read((variables) => read(variables).size ?? defaultListSize)
    ofNode.set(coordinate, size)
    return size
  }

  #numbersOf(sets: readonly SelectionSetNode[]): string {
    const numbers = sets.map((set) => {
      const number = this.#numbers.get(set) ?? this.#numbers.size
      this.#numbers.set(set, number)
      return number
    })
    return [...new Set(numbers)].sort((a, b) => a - b).join(',')
  }
}

/** What a field says of the lists below it goes before what was said above it. */
function announce(
  tree: SizedTree | undefined,
  size: Term | undefined,
  inherited: Sized | undefined,
): Sized | undefined {
  if (tree === undefined || size === undefined) return inherited
  const own = toSized(tree, size)
  if (inherited === undefined) return own
  return { key: `${own.key}${inherited.key}`, fields: new Map([...inherited.fields, ...own.fields]) }
}

function toSized(tree: SizedTree, size: Term): Sized {
  const label = typeof size === 'number' ? String(size) : `$${size.index}`
  const fields = new Map<string, { readonly size: Term | undefined; readonly below: Sized | undefined }>()
  let key = ''
  for (const [name, inner] of tree) {
    const below = inner && toSized(inner, size)
    fields.set(name, { size: inner === undefined ? size : undefined, below })
    key += `${name}=${below?.key ?? label};`
  }
  return { key: `{${key}}`, fields }
}

function listDepth(type: GraphQLOutputType): number {
  const nullable = getNullableType(type)
  return isListType(nullable) ? 1 + listDepth(nullable.ofType) : 0
}
