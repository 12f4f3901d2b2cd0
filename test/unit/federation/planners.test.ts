import { afterAll, describe, expect, it } from '@jest/globals'
import type { FetchNode, RequiresSelection, RootNode } from '../../../src/kernel/query-plan.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import { createPlanning, type PlannedOperation, type Planning } from '../../../src/federation/index.js'
import { clash, makeOptions, makeRecord, media, nested, shop } from './graphs.js'

type PlannerName = 'native' | 'apollo' | 'auto'

async function plan(
  planner: PlannerName,
  supergraph: Supergraph,
  source: string,
): Promise<RootNode | undefined> {
  return (await planBy(planner, supergraph, source)).plan.node
}

/** Threads of Apollo's planner are kept for the next test of the same graph: each takes a second to start. */
const opened = new Map<string, Promise<Planning>>()

async function planBy(
  planner: PlannerName,
  supergraph: Supergraph,
  source: string,
): Promise<PlannedOperation> {
  const key = `${planner} ${supergraph.id}`
  const planning =
    opened.get(key) ?? createPlanning(makeOptions({ planner }), { supergraph, logger: SILENT_LOGGER })
  opened.set(key, planning)
  return (await planning).plan(makeRecord(source))
}

afterAll(async () => {
  for (const planning of opened.values()) await (await planning).close()
})

const key = (name: string): object => ({ kind: 'key', key: name })
const list = { kind: 'list' }
const types = (...names: string[]): object => ({ kind: 'types', names })

function fetches(node: RootNode | undefined): FetchNode[] {
  switch (node?.kind) {
    case 'Subscription':
      return [node.primary, ...fetches(node.rest)]
    case 'Fetch':
      return [node]
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(fetches)
    case 'Flatten':
      return fetches(node.node)
    case 'Condition':
      return [...fetches(node.ifTrue), ...fetches(node.ifFalse)]
    default:
      return []
  }
}

/** The one fetch to `subgraph` whose text holds `part`. */
function fetchOf(node: RootNode | undefined, subgraph: string, part = ''): FetchNode {
  const found = fetches(node).filter((fetch) => fetch.subgraph === subgraph && fetch.operation.includes(part))
  expect(found).toHaveLength(1)
  return found[0] as FetchNode
}

function requiredNames(selections: readonly RequiresSelection[] | undefined): unknown {
  return selections?.map((selection) =>
    selection.kind === 'field'
      ? selection.name
      : { [selection.typeCondition ?? '']: (requiredNames(selection.selections) as string[]).sort() },
  )
}

describe.each(['native', 'apollo'] as const)('plans of the %s planner', (planner) => {
  it('fetch an entity after its key, from subgraphs under their composed names', async () => {
    expect(await plan(planner, shop, '{ book(id: 1) { title stars(of: 5) } }')).toMatchObject({
      kind: 'Sequence',
      nodes: [
        { kind: 'Fetch', subgraph: 'catalogue', operationType: 'query', variables: ['v0'] },
        {
          kind: 'Flatten',
          path: [key('book')],
          node: { kind: 'Fetch', subgraph: 'Review-Service', inputRewrites: [], outputRewrites: [] },
        },
      ],
    })
  })

  it('name the variables that each fetch uses', async () => {
    const node = await plan(
      planner,
      shop,
      'query Q($of: Int, $id: ID, $no: Int) { book(id: $id) { stars(of: $of) } }',
    )
    expect(fetchOf(node, 'catalogue').variables).toEqual(['v0'])
    expect(fetchOf(node, 'Review-Service').variables).toEqual(['v1'])
  })

  it('walk through lists, and say what a representation is made of', async () => {
    const node = await plan(planner, shop, '{ books { effort } }')
    expect(node).toMatchObject({
      kind: 'Sequence',
      nodes: [{}, { kind: 'Flatten', path: [key('books'), list] }],
    })
    expect(requiredNames(fetchOf(node, 'Review-Service').requires)).toEqual([
      { Book: ['__typename', 'id', 'pages'] },
    ])
    expect(fetchOf(node, 'catalogue').requires).toBeUndefined()
  })

  it('fetch side by side what does not depend on each other', async () => {
    expect(await plan(planner, shop, '{ book { title } latest { id } }')).toMatchObject({
      kind: 'Parallel',
      nodes: [{ kind: 'Fetch' }, { kind: 'Fetch' }],
    })
  })

  it('make conditions of @include and @skip', async () => {
    const include = await plan(
      planner,
      shop,
      'query Q($v: Boolean!) { book { title stars @include(if: $v) } }',
    )
    expect(include).toMatchObject({
      nodes: [{}, { kind: 'Condition', variable: 'v0', ifTrue: { kind: 'Flatten' }, ifFalse: undefined }],
    })
    const skip = await plan(planner, shop, 'query Q($v: Boolean!) { book { title stars @skip(if: $v) } }')
    expect(skip).toMatchObject({
      nodes: [{}, { kind: 'Condition', variable: 'v0', ifTrue: undefined, ifFalse: { kind: 'Flatten' } }],
    })
  })

  it('rename fields of one name that cannot be fetched together', async () => {
    const source = '{ things { ... on One { fact note } ... on Two { other: fact remark } } }'
    const rewrites = fetchOf(await plan(planner, clash, source), 'facts').outputRewrites
    expect(rewrites).toEqual([
      {
        kind: 'renameKey',
        path: [key('things'), types('Two'), { kind: 'key', key: expect.stringContaining('alias') }],
        to: 'fact',
      },
    ])
  })

  it('call entities by the type that an interface object has', async () => {
    const node = await plan(planner, media, '{ media { score ... on Film { minutes } } }')
    expect(fetchOf(node, 'scores').inputRewrites).toEqual([
      { kind: 'setValue', path: [types('Media'), key('__typename')], value: 'Media' },
    ])
  })

  it('run the root fields of a mutation, with all that belongs to them, one after another', async () => {
    const node = await plan(
      planner,
      shop,
      'mutation { addBook(title: "x") { stars } rate(id: 1, stars: 2) { title } }',
    )
    expect(node).toMatchObject({
      kind: 'Sequence',
      nodes: [
        {
          kind: 'Sequence',
          nodes: [{ operationType: 'mutation', subgraph: 'catalogue' }, { path: [key('addBook')] }],
        },
        {
          kind: 'Sequence',
          nodes: [{ operationType: 'mutation', subgraph: 'Review-Service' }, { path: [key('rate')] }],
        },
      ],
    })
  })

  it('are empty where nothing has to be fetched', async () => {
    expect(await plan(planner, shop, '{ __typename __schema { queryType { name } } }')).toBeUndefined()
  })

  it('can be made of an operation with introspection, literal conditions and fragments', async () => {
    const source = `query Q { __typename ...F } query Other { latest { id } }
      fragment F on Query { book { id @skip(if: true) } __schema { types { name } } }`
    const node = await plan(planner, shop, source)
    expect(node).toMatchObject({ kind: 'Fetch', subgraph: 'catalogue' })
    expect(fetchOf(node, 'catalogue').operation).toContain('{book{__typename}}')
  })

  it('begin a subscription at its source, and have behind it what each event needs', async () => {
    const node = await plan(planner, shop, 'subscription { rated { title } }')
    expect(node).toMatchObject({
      kind: 'Subscription',
      primary: {
        kind: 'Fetch',
        subgraph: 'Review-Service',
        operationType: 'subscription',
        requires: undefined,
      },
      rest: { kind: 'Flatten', path: [key('rated')], node: { kind: 'Fetch', subgraph: 'catalogue' } },
    })
    expect(await plan(planner, shop, 'subscription { rated { id } }')).toMatchObject({
      kind: 'Subscription',
      rest: undefined,
    })
  })
})

describe('what only the native planner does', () => {
  it('puts a type condition into a path', async () => {
    const node = await plan(
      'native',
      shop,
      '{ items { ... on Book { title stars } ... on Film { minutes } } }',
    )
    expect(node).toMatchObject({
      nodes: [{}, { kind: 'Flatten', path: [key('items'), list, types('Book')] }],
    })
  })

  it('fetches the entities of several positions in one request', async () => {
    expect(
      await plan('native', shop, 'query Q($of: Int) { books { stars(of: $of) } book { stars } }'),
    ).toMatchObject({
      nodes: [
        {},
        {
          kind: 'BatchFetch',
          subgraph: 'Review-Service',
          variables: ['v0'],
          batches: [
            { alias: '_e0', representationsVariable: '__batch_reps_0', paths: [[key('book')]] },
            { alias: '_e1', representationsVariable: '__batch_reps_1', paths: [[key('books'), list]] },
          ],
        },
      ],
    })
  })

  it('begins no path with a condition on the root type', async () => {
    const source =
      'query Q($v: Boolean!, $w: Boolean!) { ... @include(if: $v) { book @skip(if: $w) { title stars } } }'
    const node = await plan('native', shop, source)
    expect(JSON.stringify(node)).toContain('"path":[{"kind":"key","key":"book"}]')
    expect(JSON.stringify(node)).not.toContain('"names":["Query"]')
  })
})

describe('the planner auto', () => {
  it("lets Apollo's planner plan what the native one gives up", async () => {
    const source = '{ node { next { next { weight } } } }'
    await expect(plan('native', nested, source)).rejects.toMatchObject({ code: 'QUERY_PLANNING_FAILED' })
    const { plan: made, planners } = await planBy('auto', nested, source)
    expect(planners).toEqual(['apollo'])
    const { node } = made
    expect(fetches(node).map((fetch) => fetch.subgraph)).toEqual(['a', 'b', 'a', 'b'])
  })

  it('plans natively where it can', async () => {
    const { plan: made, planners } = await planBy('auto', shop, '{ books { stars } book { stars } }')
    expect(made).toMatchObject({ node: { nodes: [{}, { kind: 'BatchFetch' }] } })
    expect(planners).toEqual(['native'])
  })
})
