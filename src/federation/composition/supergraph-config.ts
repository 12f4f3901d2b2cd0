import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'

const schemaSource = z.union([
  z.strictObject({ file: z.string() }),
  z.strictObject({
    subgraph_url: z.string(),
    introspection_headers: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({ sdl: z.string() }),
])

const supergraphConfig = z.strictObject({
  federation_version: z.union([z.string(), z.number()]).optional(),
  subgraphs: z.record(
    z.string().min(1),
    z.strictObject({ routing_url: z.string().optional(), schema: schemaSource }),
  ),
})

/** One subgraph of a `supergraph.yaml`, with paths made absolute and `${env.…}` filled in. */
export interface ConfiguredSubgraph {
  readonly name: string
  /** Where requests go. */
  readonly url: string
  readonly schema:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'url'; readonly url: string; readonly headers: Readonly<Record<string, string>> }
    | { readonly kind: 'sdl'; readonly sdl: string }
}

/**
 * Reads the list of subgraphs in the format of Rover's `supergraph compose`; throws a readable Error.
 *
 * Sorted by name, so that the order in the file does not change what is composed.
 */
export async function readSupergraphConfig(path: string): Promise<readonly ConfiguredSubgraph[]> {
  const text = await readFile(path, 'utf8')
  const parsed = supergraphConfig.safeParse(parseYaml(text))
  if (!parsed.success)
    throw new Error(`${path} is not a supergraph configuration:\n${z.prettifyError(parsed.error)}`)
  const folder = dirname(resolve(path))
  return Object.entries(parsed.data.subgraphs)
    .map(([name, entry]) => readSubgraph(name, entry, folder))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

type SubgraphEntry = z.output<typeof supergraphConfig>['subgraphs'][string]

function readSubgraph(name: string, entry: SubgraphEntry, folder: string): ConfiguredSubgraph {
  const schema = readSchemaSource(entry.schema, folder)
  const url = entry.routing_url === undefined ? undefined : expandEnvironment(entry.routing_url)
  const routingUrl = url ?? (schema.kind === 'url' ? schema.url : undefined)
  if (routingUrl === undefined) throw new Error(`The subgraph ${name} needs a routing_url.`)
  return { name, url: routingUrl, schema }
}

function readSchemaSource(
  source: z.output<typeof schemaSource>,
  folder: string,
): ConfiguredSubgraph['schema'] {
  if ('file' in source) return { kind: 'file', path: resolve(folder, expandEnvironment(source.file)) }
  if ('sdl' in source) return { kind: 'sdl', sdl: source.sdl }
  const headers = Object.entries(source.introspection_headers ?? {})
  return {
    kind: 'url',
    url: expandEnvironment(source.subgraph_url),
    headers: Object.fromEntries(headers.map(([key, value]) => [key.toLowerCase(), expandEnvironment(value)])),
  }
}

/** Fills in `${env.NAME}` and `${env.NAME:-default}`, as in Rover's file and ours. */
function expandEnvironment(text: string): string {
  return text.replace(/\$\{env\.(\w+)(?::-([^}]*))?\}/g, (_, name: string, fallback: string | undefined) => {
    const value = process.env[name] ?? fallback
    if (value === undefined) throw new Error(`The environment variable ${name} is not set.`)
    return value
  })
}
