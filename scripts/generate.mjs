/**
 * `npm run generate`: writes every file that is made from another one. With `--check` it writes nothing, names
 * the files that are out of date and exits with 1.
 *
 * - schema/supergraph.graphql and schema/api.graphql, from schema/supergraph.yaml
 * - bff/**\/*.data.ts, the types of the stored operations' data
 * - schema/gateway.schema.json and docs/reference/configuration.md, from the features' options
 * - docs/reference/errors.md, from the error catalogue
 * - docs/reference/close-codes.md, from the close codes of WebSockets
 * - docs/reference/federation-support.md, from the federation conformance suites
 */
import { codegen } from '@graphql-codegen/core'
import * as operationTypes from '@graphql-codegen/typescript-operations'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parse, printSchema } from 'graphql'
import prettier from 'prettier'
import { renderFederationSupport } from './federation-support.mjs'

const root = join(import.meta.dirname, '..')
process.chdir(root)
const { composeFromConfig, printFinding, readSupergraph } = await import('../dist/src/federation/index.js')
const { renderConfigReference, renderConfigSchema } = await import('../dist/src/config/reference.js')
const { renderErrorReference } = await import('../dist/src/kernel/error-reference.js')

const { renderCloseCodeReference } = await import('../dist/src/http/web-socket/close-code-reference.js')

const files = new Map()
const composed = await composeFromConfig('schema/supergraph.yaml')
if (!composed.ok) {
  console.error(`Composition failed:\n${composed.errors.map(printFinding).join('\n')}`)
  process.exit(1)
}
const { apiSchema } = readSupergraph(composed.sdl)
files.set('schema/supergraph.graphql', composed.sdl)
files.set('schema/api.graphql', `${printSchema(apiSchema)}\n`)
for (const [file, text] of await dataTypes(apiSchema)) files.set(file, text)
files.set('schema/gateway.schema.json', await format('x.json', renderConfigSchema()))
files.set('docs/reference/configuration.md', await format('x.md', renderConfigReference()))
files.set('docs/reference/errors.md', await format('x.md', renderErrorReference()))
files.set('docs/reference/close-codes.md', await format('x.md', renderCloseCodeReference()))
files.set('docs/reference/federation-support.md', await format('x.md', renderFederationSupport()))

const stale = [...files].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text)
if (process.argv.includes('--check')) {
  for (const [file] of stale) console.error(`Out of date: ${file} (run \`npm run generate\`)`)
  process.exit(stale.length === 0 ? 0 : 1)
}
for (const [file, text] of stale) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  console.log(`Wrote ${file}`)
}

/** One `.data.ts` beside each stored operation: the exact type of the data that its presenter gets. */
async function dataTypes(schemaAst) {
  const schema = parse(printSchema(schemaAst))
  const operations = readdirSync('bff', { recursive: true })
    .filter((file) => file.endsWith('.graphql'))
    .sort()
  return Promise.all(
    operations.map(async (file) => {
      const source = join('bff', file)
      const text = await codegen({
        filename: source,
        schema,
        schemaAst,
        documents: [{ location: source, document: parse(readFileSync(source, 'utf8')) }],
        plugins: [{ operations: {} }],
        pluginMap: { operations: operationTypes },
        config: {
          skipTypename: true,
          immutableTypes: true,
          omitOperationSuffix: true,
          operationResultSuffix: 'Data',
          enumsAsTypes: true,
          scalars: { DateTime: 'string', Decimal: 'string' },
        },
      })
      const target = source.replace(/\.graphql$/, '.data.ts')
      const head = `/** Generated from ${relative('bff', source)} by \`npm run generate\`; not edited by hand. */\n`
      return [target, await format(target, head + withoutMachinery(text))]
    }),
  )
}

/** Leaves out the generator's own type functions: nothing here is a fragment or deferred. */
function withoutMachinery(text) {
  return text
    .replace(/\/\*\* Internal type[^\n]*\n(export )?type (Exact|Incremental)<[^\n]*\n/g, '')
    .replace(/= Exact<(\{[\s\S]*?\})>/g, '= $1')
}

async function format(file, text) {
  const config = await prettier.resolveConfig(join(root, file))
  return prettier.format(text, { ...config, filepath: file })
}
