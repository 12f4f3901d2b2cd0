/** A world with generated data: behind its subgraphs, and behind one schema, which says what the answer must be. */
import {
  buildASTSchema,
  execute,
  GraphQLError,
  isObjectType,
  Kind,
  parse,
  printSchema,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import type { CallSubgraph } from '../../../src/kernel/upstream-call.js'
import { resolvableKeys } from '../../support/entity-keys.js'
import {
  buildLocalSchema,
  createLocalCall,
  type LocalSubgraph,
  type Row,
} from '../../support/local-subgraph.js'
import type { RandomRequest } from '../../support/random-operations.js'
import {
  GeneratedData,
  identityIn,
  isThing,
  NO_MISHAPS,
  thing,
  type Mishaps,
  type Thing,
} from './generated-data.js'
import { collectFacts, objectTypes } from './graph-facts.js'
import type { World } from './worlds.js'

/** What one schema over all the data says. */
export interface Truth {
  readonly result: ExecutionResult
  /** The paths of all fields and items that fail, whether or not another failure hides them. */
  readonly failures: ReadonlySet<string>
}

export interface GeneratedGraph {
  /** Chooses the data of what follows. */
  readonly reseed: (seed: number, mishaps?: Mishaps) => void
  readonly call: CallSubgraph
  readonly truth: (request: RandomRequest) => Promise<Truth>
  /** What would fail, too, were nothing skipped. */
  readonly failuresWithoutConditions: (request: RandomRequest) => Promise<ReadonlySet<string>>
  /** What subgraphs were asked that no right plan asks of them. */
  readonly faults: string[]
}

/** An entity as a subgraph got it, with what came along. */
interface Referenced extends Thing {
  readonly $reference?: Row
}

export function createGeneratedGraph({ subgraphs, supergraph }: World): GeneratedGraph {
  const { schema, apiSchema } = supergraph
  const faults: string[] = []
  const schemas = new Map(
    subgraphs.map((subgraph) => {
      const local: GraphQLSchema = buildLocalSchema(subgraph, (reference) =>
        resolveReference(local, reference),
      )
      return [subgraph.name, local]
    }),
  )
  const facts = collectFacts(schema, schemas)
  let data = new GeneratedData(schema, facts, 0, NO_MISHAPS)

  /** Throws where no key of the type is in the representation. */
  function resolveReference(local: GraphQLSchema, reference: Row): Row {
    const name = String(reference['__typename'])
    const types = objectTypes(schema, name)
    for (const key of resolvableKeys(local, name)) {
      const id = identityIn(onlyFields(key, reference), types)
      if (id === undefined) continue
      const type = id.replace(/-\d+$/, '')
      const found: Referenced = { ...thing(type, id), $reference: reference }
      return { ...found, __typename: isObjectType(local.getType(name)) ? name : type }
    }
    faults.push(`no key of ${name} in ${JSON.stringify(reference)}`)
    throw new GraphQLError(`No key of ${name}.`)
  }

  function localResolver(subgraph: string, local: GraphQLSchema): GraphQLFieldResolver<Row, unknown> {
    return (source, args, _context, { parentType, fieldName, operation, returnType }) => {
      const isRoot = parentType === local.getRootType(operation.operation)
      const on = isRoot ? rootThing(operation.operation) : (source as unknown as Referenced)
      const coordinate = `${on.$type}.${fieldName}`
      if (facts.overridden.has(`${subgraph} ${coordinate}`)) {
        faults.push(`${subgraph} was asked for ${coordinate}, which is overridden`)
      }
      const selections = facts.requires.get(coordinate)
      const reference = (on as Referenced).$reference
      if (selections && !reference)
        faults.push(`${subgraph} was asked for ${coordinate} without what it requires`)
      const required = selections && onlyFields(selections, reference)
      return thrown(localised(local, String(returnType), data.field(on, fieldName, args, required)))
    }
  }

  const local = new Map<string, LocalSubgraph>(
    [...schemas].map(([name, of]) => [name, { schema: of, fieldResolver: localResolver(name, of) }]),
  )
  const call = createLocalCall(local, ({ subgraph, findings }) => {
    for (const { message } of findings) faults.push(`${subgraph}: ${message}`)
  })

  const nullable = withoutNonNull(apiSchema)

  function resolver(tellsViolations: boolean): GraphQLFieldResolver<unknown, unknown> {
    return (source, args, _context, { fieldName, operation }) => {
      const on = isThing(source) ? source : rootThing(operation.operation)
      const selections = facts.requires.get(`${on.$type}.${fieldName}`)
      const required = selections && data.select(on, selections)
      return thrown(data.field(on, fieldName, args, required, tellsViolations))
    }
  }

  async function ask(
    of: GraphQLSchema,
    document: DocumentNode,
    variables: RandomRequest['variables'],
    tellsViolations: boolean,
  ) {
    return execute({
      schema: of,
      document,
      variableValues: variables,
      fieldResolver: resolver(tellsViolations),
      typeResolver: (value) => (value as Thing).$type,
    })
  }

  return {
    faults,
    call,
    reseed: (seed, mishaps = NO_MISHAPS) => {
      data = new GeneratedData(schema, facts, seed, mishaps)
      faults.length = 0
    },
    truth: async ({ query, variables }) => {
      const document = parse(query)
      const result = await ask(apiSchema, document, variables, false)
      return { result, failures: pathsOf(await ask(nullable, document, variables, true)) }
    },
    failuresWithoutConditions: async ({ query, variables }) => {
      const document: DocumentNode = visit(parse(query), { Directive: () => null })
      return pathsOf(await ask(nullable, document, variables, true))
    },
  }
}

function pathsOf({ errors = [] }: ExecutionResult): ReadonlySet<string> {
  return new Set(errors.map(({ path }) => JSON.stringify(path)))
}

function rootThing(operation: string): Thing {
  return thing(operation === 'mutation' ? 'Mutation' : 'Query', operation)
}

function thrown(value: unknown): unknown {
  if (value instanceof GraphQLError) throw value
  return value
}

/** Gives things the type that a subgraph knows them by: that of an interface object, or their own. */
function localised(local: GraphQLSchema, returnType: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => localised(local, returnType, item))
  if (!isThing(value)) return value
  const name = returnType.replace(/[[\]!]/g, '')
  return { ...value, __typename: isObjectType(local.getType(name)) ? name : value.$type }
}

/** Those parts of a representation that a set of fields names. */
function onlyFields(selections: SelectionSetNode, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => onlyFields(selections, item))
  if (typeof value !== 'object' || value === null) return value
  const row: Row = {}
  for (const selection of selections.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      Object.assign(row, onlyFields(selection.selectionSet, value))
    } else if (selection.kind === Kind.FIELD) {
      const { value: name } = selection.name
      const inner = (value as Row)[name]
      if (inner !== undefined)
        row[name] = selection.selectionSet ? onlyFields(selection.selectionSet, inner) : inner
    }
  }
  return row
}

/** The schema in which nothing propagates: every failure shows. */
function withoutNonNull(schema: GraphQLSchema): GraphQLSchema {
  const document = visit(parse(printSchema(schema)), {
    FieldDefinition: (field) => ({
      ...field,
      type: visit(field.type, { NonNullType: { leave: ({ type }) => type } }),
    }),
  })
  return buildASTSchema(document)
}
