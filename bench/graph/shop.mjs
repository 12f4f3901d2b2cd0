/**
 * The subgraphs of the reference shop with sample values instead of databases: what `/mobile/home` is measured on.
 *
 * Runs on the product's own graphql package, as its `@apollo/subgraph` does; the benchmark's peers have another.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const require = createRequire(join(root, 'package.json'))

export const SHOP = ['user', 'order', 'product']

export function shopExecutor(name) {
  const { execute, parse } = require('graphql')
  const { buildSubgraphSchema } = require('@apollo/subgraph')
  const schema = buildSubgraphSchema({
    typeDefs: parse(readFileSync(join(root, 'subgraphs', name, 'schema.graphql'), 'utf8')),
  })
  return ({ query, variables, operationName }) =>
    execute({
      schema,
      document: parse(query),
      variableValues: variables,
      operationName,
      fieldResolver: sample,
    })
}

/** What the representation says, else a value of the field's type. */
function sample(source, { first = 3 }, _context, info) {
  return (
    source?.[info.fieldName] ?? sampleOf(String(info.returnType).replaceAll('!', ''), first, source, info)
  )
}

function sampleOf(type, length, source, info) {
  if (type.startsWith('[')) {
    return Array.from({ length }, (_, index) => sampleOf(type.slice(1, -1), length, { index }, info))
  }
  const index = source?.index ?? 0
  const leaves = { ID: `${info.parentType}-${index}`, Int: 7, Float: 4.5, Boolean: true, Decimal: '19.90' }
  if (type === 'String') return `the ${info.fieldName} of ${info.parentType}`
  return leaves[type] ?? { index }
}

/** What `/mobile/home` answers, written down by hand. */
export const EXPECTED_HOME = {
  greeting: 'Hello, the firstName of User!',
  recommendedProducts: Array.from({ length: 10 }, (_, index) => ({
    id: `Product-${index}`,
    name: 'the name of Product',
    image: { url: 'the url of Image', width: 7, height: 7 },
    price: { amount: '19.90', currency: 'the currency of Money' },
  })),
  cartItemCount: 7,
  unreadNotifications: 7,
}
