import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import composition from '@apollo/composition'
import federation from '@apollo/federation-internals'
import { describe, expect, it } from '@jest/globals'
import { Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql'
import type { DirectiveDefinitionNode, DocumentNode, EnumTypeDefinitionNode } from 'graphql'

const root = join(import.meta.dirname, '..', '..', '..')
const read = (path: string): DocumentNode => parse(readFileSync(join(root, path), 'utf8'))
const names = ['user', 'order', 'product']
const composed = composition.composeServices(
  names.map((name) => ({
    name,
    url: `http://127.0.0.1/${name}`,
    typeDefs: read(`subgraphs/${name}/schema.graphql`),
  })),
)
const sdl = stripIgnoredCharacters(composed.supergraphSdl ?? 'type Query { nothing: Int }')

describe('the supergraph of the reference subgraphs', () => {
  it('composes without an error or a hint', () => {
    expect(composed.errors).toBeUndefined()
    expect(composed.hints).toEqual([])
  })

  it.each([
    ['searchProducts', '@rateLimit(limit:30 duration:60)'],
    ['placeOrder', '@rateLimit(limit:10 duration:60)'],
    ['searchProducts', '@cacheControl(maxAge:60)'],
    ['recommendedProducts', '@cacheControl(maxAge:60 scope:PRIVATE)'],
    [
      'orders',
      '@listSize(slicingArguments:["first"]sizedFields:["nodes""edges"]requireOneSlicingArgument:false)',
    ],
    ['orders', '@requiresScopes(scopes:[["order:read"]["admin"]])'],
    ['email', '@requiresScopes(scopes:[["user:email"]["admin"]])'],
    ['me', '@authenticated'],
    ['cart', '@authenticated'],
  ])('keeps what stands on %s: %s', (field, directive) => {
    expect(directivesOf(field)).toContain(stripIgnoredCharacters(directive))
  })

  it('shows clients neither the directives nor their types', () => {
    // Apollo's own library knows no enforcement of these: it reads them when they do not claim to be security.
    const unsecured = (composed.supergraphSdl ?? '').replaceAll(', for: SECURITY', '')
    const api = federation.printSchema(federation.Supergraph.build(unsecured).apiSchema())
    expect(api).toContain('searchProducts(text: String!, first: Int = 20): [Product!]!')
    expect(api).not.toMatch(/cacheControl|rateLimit|listSize|join__|requiresScopes/)
  })

  it.each(names)('takes its directives from schema/directives.graphql: %s', (name) => {
    const shared = definitions('schema/directives.graphql')
    const own = definitions(`subgraphs/${name}/schema.graphql`)
    expect(own.size).toBeGreaterThanOrEqual(2)
    for (const [definition, text] of own)
      expect([definition, text]).toEqual([definition, shared.get(definition)])
  })

  it.each(names)('lists the subgraph in supergraph.yaml: %s', (name) => {
    const yaml = readFileSync(join(root, 'schema', 'supergraph.yaml'), 'utf8')
    expect(yaml).toContain(`../subgraphs/${name}/schema.graphql`)
  })
})

/** The directives on every field of that name in the supergraph. */
function directivesOf(field: string): readonly string[] {
  const found: string[] = []
  visit(parse(sdl), {
    FieldDefinition: ({ name, directives }) => {
      if (name.value === field)
        found.push(...(directives ?? []).map((node) => stripIgnoredCharacters(print(node))))
    },
  })
  return found
}

/** Directive definitions and the enums that belong to them, without their descriptions. */
function definitions(path: string): ReadonlyMap<string, string> {
  const shared = read(path).definitions.filter(
    (node): node is DirectiveDefinitionNode | EnumTypeDefinitionNode =>
      node.kind === Kind.DIRECTIVE_DEFINITION ||
      (node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value.includes('__')),
  )
  return new Map(
    shared.map((node) => [node.name.value, print(node).replace(/^[^]*?^(?=directive|enum)/m, '')]),
  )
}
