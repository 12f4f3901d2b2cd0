import { z } from 'zod'
import { gatewayOptions } from './schema.js'

interface SchemaNode {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly additionalProperties?: SchemaNode | boolean
  readonly anyOf?: readonly SchemaNode[]
}

/** The JSON Schema of `gateway.yaml`, for editors and for `check`. */
export function renderConfigSchema(): string {
  return `${JSON.stringify(toJsonSchema(), null, 2)}\n`
}

/** The reference page of every option; `npm run generate` keeps docs/reference/configuration.md equal to it. */
export function renderConfigReference(): string {
  const sections = Object.entries(toJsonSchema().properties ?? {}).map(([name, node]) =>
    renderSection(name, node),
  )
  return [
    '<!-- Generated from the `options.ts` of each feature by `npm run generate`. -->',
    '',
    '# Configuration',
    '',
    'Every key of `gateway.yaml`. All have defaults; unknown keys are refused by name. Texts may refer to the',
    'environment: `${env.NAME}` or `${env.NAME:-default}`.',
    '',
    ...sections,
  ].join('\n')
}

function toJsonSchema(): SchemaNode {
  return z.toJSONSchema(gatewayOptions, { io: 'input' }) as SchemaNode
}

function renderSection(name: string, node: SchemaNode): string {
  const rows = rowsOf(name, node)
  return [
    `## ${name}`,
    '',
    ...(node.description ? [node.description, ''] : []),
    '| key | type | default | what it does |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

function rowsOf(path: string, node: SchemaNode): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const childPath = `${path}.${key}`
    if (child.properties !== undefined) return rowsOf(childPath, child)
    const row = `| \`${childPath}\` | ${typeOf(child)} | ${defaultOf(child)} | ${escapeCell(child.description ?? '')} |`
    return [row, ...rowsOfElements(childPath, child)]
  })
}

/** Options inside the elements of a list or map are listed under `path[]` or `path.*`. */
function rowsOfElements(path: string, node: SchemaNode): readonly string[] {
  if (node.items?.properties !== undefined) return rowsOf(`${path}[]`, node.items)
  if (typeof node.additionalProperties === 'object') return rowsOf(`${path}.*`, node.additionalProperties)
  return []
}

function typeOf(node: SchemaNode): string {
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(' \\| ')
  if (node.anyOf !== undefined) return node.anyOf.map(typeOf).join(' or ')
  if (node.items !== undefined) return `list of ${typeOf(node.items)}`
  return typeof node.type === 'string' ? node.type : (node.type ?? ['any']).join(' or ')
}

function defaultOf(node: SchemaNode): string {
  return node.default === undefined ? '–' : `\`${JSON.stringify(node.default)}\``
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
