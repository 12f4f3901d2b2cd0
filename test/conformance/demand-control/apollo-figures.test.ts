/**
 * The figures of Apollo's documentation of demand control, and those of the tests of its router for the operations
 * that a client sends ("estimated", not "planned": what plans ask beside that is not the client's).
 */
import { beforeAll, describe, expect, it } from '@jest/globals'
import { FEDERATION_LINK, makeSupergraph, toSupergraph } from '../../support/make-supergraph.js'
import { costWorldOf, createCostWorld, type CostWorld } from '../../unit/limits/cost/cost-world.js'

const BOOKS = (address: string) => `
  type Query {
    book(id: ID): Book
    bestsellers: [Book] @listSize(assumedSize: 5)
    newestAdditions(after: ID, limit: Int!): [Book] @listSize(slicingArguments: ["limit"])
  }
  type Book { title: String author: Author publisher: Publisher }
  type Author { name: String }
  type Publisher { name: String address: Address }
  type Address ${address} { zipCode: Int! }
`
const BOOK = '{ title author { name } publisher { name address { zipCode } } }'

describe('the documented figures', () => {
  const plain = () => createCostWorld(BOOKS(''))
  const weighted = () => createCostWorld(BOOKS('@cost(weight: 5)'))

  it('of a book: 4, and 8 where an address costs 5', () => {
    expect(plain().estimate(`query BookQuery { book(id: 1) ${BOOK} }`)).toBe(4)
    expect(weighted().estimate(`query BookQuery { book(id: 1) ${BOOK} }`)).toBe(8)
  })

  it('of lists: 40 for five bestsellers, 24 for three additions, 56 for seven', () => {
    const { estimate } = weighted()
    expect(estimate(`query BestsellersQuery { bestsellers ${BOOK} }`)).toBe(40)
    expect(estimate(`query NewestAdditions { newestAdditions(limit: 3) ${BOOK} }`)).toBe(24)
    expect(estimate(`query NewestAdditions { newestAdditions(limit: 7) ${BOOK} }`)).toBe(56)
  })
})

const BASIC = `
  type Query {
    getScalar(id: ID): String  getScalarByObject(args: OuterInput): String  anotherScalar: Int
    object1: FirstObjectType  interfaceInstance1: MyInterface  someUnion: UnionOfObjectTypes
    someObjects: [FirstObjectType]  someObjectsByObject(args: OuterInput): [FirstObjectType]  intList: [Int]
  }
  type Mutation { doSomething: Int }
  type FirstObjectType { field1: Int innerList: [SecondObjectType] }
  interface MyInterface { field2: String }
  type SecondObjectType implements MyInterface { field1: Int field2: String }
  union UnionOfObjectTypes = FirstObjectType | SecondObjectType
  input InnerInput { id: ID }
  input OuterInput { inner: InnerInput inner2: InnerInput listOfInner: [InnerInput!] }
`

describe('the figures of defaults', () => {
  let world: CostWorld
  beforeAll(() => {
    world = createCostWorld(BASIC)
  })

  it.each([
    ['a scalar', '{ getScalar }', 0],
    ['a mutation', 'mutation { doSomething }', 10],
    ['an object', '{ object1 { field1 } }', 1],
    ['an interface', '{ interfaceInstance1 { field2 } }', 1],
    ['a union', '{ someUnion { ... on FirstObjectType { innerList { field1 } } } }', 101],
    ['a list of objects', '{ someObjects { field1 } }', 100],
    ['a list of scalars', '{ intList }', 0],
    ['lists in lists', '{ someObjects { innerList { field1 } } }', 10_100],
    [
      'input objects',
      '{ getScalarByObject(args: { inner: { id: 1 }, listOfInner: [{ id: 2 }, { id: 3 }] }) }',
      4,
    ],
    [
      'input objects and a list',
      '{ someObjectsByObject(args: { inner: { id: 1 }, listOfInner: [{ id: 2 }, { id: 3 }] }) { field1 } }',
      104,
    ],
    ['what is skipped', '{ object1 @skip(if: true) { field1 } }', 0],
    ['what is not included', '{ object1 @include(if: false) { field1 } }', 0],
  ])('of %s', (_what, source, cost) => {
    expect(world.estimate(source)).toBe(cost)
  })
})

const WITH_COST = `
  type Query {
    fieldWithCost: Int @cost(weight: 5)
    argWithCost(arg: Int @cost(weight: 10)): Int
    enumWithCost: AorB
    inputWithCost(someInput: InputTypeWithCost): Int
    scalarWithCost: ExpensiveInt
    objectWithCost: ExpensiveObject
  }
  enum AorB @cost(weight: 15) { A B }
  scalar ExpensiveInt @cost(weight: 30)
  type ExpensiveObject @cost(weight: 40) { id: ID }
  input InputTypeWithCost { somethingWithCost: Int @cost(weight: 20) }
`
const WITH_LIST_SIZE = `
  type Query {
    fieldWithListSize: [String!] @listSize(assumedSize: 2000, requireOneSlicingArgument: false)
    fieldWithDynamicListSize(first: Int = 10): SizedField
      @listSize(slicingArguments: ["first"], sizedFields: ["items"], requireOneSlicingArgument: true)
  }
  type SizedField { items: [A] }
  type A { id: ID }
`
/** What newer composers write; the JavaScript one knows top-level integers and fields only. */
const NEWER = `
  schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3")
    @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@listSize"]) { query: Query }
  directive @link(url: String, import: [link__Import]) repeatable on SCHEMA
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
    requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
  enum join__Graph { A @join__graph(name: "a", url: "http://a.invalid") }
  directive @join__graph(name: String!, url: String!) on ENUM_VALUE
  scalar link__Import
  type Query {
    itemsByIds(ids: [ID!]!): [A] @listSize(slicingArguments: ["ids"])
    search(input: SearchInput!): [A] @listSize(slicingArguments: ["input.pagination.first"])
    deepContainerWithNestedList(first: Int = 10): DeepContainer!
      @listSize(slicingArguments: ["first"], sizedFields: ["results { page }"], requireOneSlicingArgument: false)
  }
  type A { id: ID }
  input SearchInput { pagination: PaginationInput query: String }
  input PaginationInput { first: Int after: String }
  type DeepContainer { page: [A] results: ResultContainer }
  type ResultContainer { page: [A] }
`
const RENAMED_LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  { name: "@cost", as: "@renamedCost" }, { name: "@listSize", as: "@renamedListSize" }
])`

const CUSTOM = (size: string, input = '{ somethingWithCost: 10 }') => `{
  fieldWithCost argWithCost(arg: 3) enumWithCost
  inputWithCost(someInput: ${input}) scalarWithCost objectWithCost { id }
  fieldWithListSize fieldWithDynamicListSize${size} { items { id } }
}`

describe('the figures of @cost and @listSize', () => {
  const compose = (rename: boolean) => {
    const written = (typeDefs: string) =>
      rename
        ? RENAMED_LINK +
          typeDefs.replace(
            /@(cost|listSize)\b/g,
            (_all, name: string) => `@renamed${name[0]?.toUpperCase()}${name.slice(1)}`,
          )
        : FEDERATION_LINK + typeDefs
    return costWorldOf(
      makeSupergraph([
        { name: 'subgraphWithCost', typeDefs: written(WITH_COST) },
        { name: 'subgraphWithListSize', typeDefs: written(WITH_LIST_SIZE) },
      ]),
    )
  }

  it.each([
    ['as they are', false],
    ['renamed by the link', true],
  ])('%s', (_how, rename) => {
    const { estimate, supergraph } = compose(rename)
    expect(supergraph.sdl.includes('@renamedCost(weight')).toBe(rename)
    expect(estimate(CUSTOM('(first: 5)'))).toBe(127)
    expect(estimate(CUSTOM(''))).toBe(132)
    const varied = `query ($costlyInput: InputTypeWithCost, $fieldCountVar: Int) ${CUSTOM('(first: $fieldCountVar)', '$costlyInput')}`
    expect(estimate(varied, { costlyInput: { somethingWithCost: 10 }, fieldCountVar: 5 })).toBe(127)
  })

  it('by the length of a list, by a path into an input object, and for lists further down', () => {
    const { estimate } = costWorldOf(toSupergraph(NEWER))
    expect(estimate('{ itemsByIds(ids: ["1", "2", "3"]) { id } }')).toBe(3)
    expect(estimate('query ($ids: [ID!]!) { itemsByIds(ids: $ids) { id } }', { ids: ['1', '2'] })).toBe(2)
    expect(estimate('{ search(input: { pagination: { first: 7 } }) { id } }')).toBe(9)
    expect(
      estimate('query ($n: Int) { search(input: { pagination: { first: $n } }) { id } }', { n: 4 }),
    ).toBe(6)
    expect(
      estimate('{ deepContainerWithNestedList(first: 3) { page { id } results { page { id } } } }'),
    ).toBe(105)
  })
})
