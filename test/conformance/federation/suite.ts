/** The form of the data files in `suites/`: a federated graph, and operations with what they must answer. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { JsonObject } from '../../../src/kernel/json.js'

const json = z.record(z.string(), z.any()).transform((value): JsonObject => value)

const subgraph = z.strictObject({
  federation: z.literal(1).optional().describe('1 where the schema is of Federation 1'),
  schema: z.string().describe('SDL; gets a link to Federation 2 where it has none'),
  data: z
    .record(z.string(), z.union([z.array(z.record(z.string(), z.any())), z.record(z.string(), z.any())]))
    .default({})
    .describe('rows of entities by type name; the root fields by the name of the root type'),
  resolve: z
    .record(z.string().regex(/^\w+\.\w+$/), z.any())
    .default({})
    .describe('what a field of every object of a type gives, by `Type.field`'),
})

const error = z.strictObject({
  path: z.array(z.union([z.string(), z.number()])).optional(),
  code: z.string(),
  message: z.string().optional(),
})

/** What is seen of a run: the client's side and the subgraphs'. */
const outcome = {
  data: json.nullable().optional().describe('left out where the whole request is refused'),
  errors: z.array(error).optional().describe('in any order'),
  fetches: z
    .record(z.string(), z.number().int().positive())
    .optional()
    .describe('requests per subgraph; those not named get none'),
  asks: z.array(z.string()).optional().describe('`subgraph Type.field`: asked of that subgraph'),
  neverAsks: z.array(z.string()).optional().describe('`subgraph Type.field`: not asked of that subgraph'),
  sends: z
    .record(z.string(), z.array(json))
    .optional()
    .describe('all representations that a subgraph gets, in any order'),
  notes: z.array(z.string()).optional().describe('what `$note` wrote down, in order'),
}

const testCase = z.strictObject({
  name: z.string(),
  operation: z.string(),
  operationName: z.string().optional(),
  variables: json.optional(),
  down: z.array(z.string()).optional().describe('subgraphs that do not answer'),
  ...outcome,
  fails: z
    .strictObject({ because: z.string(), with: z.enum(['auto', 'both']).default('both') })
    .optional()
    .describe('a fault of ours that is known: the case must fail until it is mended'),
  crashes: z
    .string()
    .optional()
    .describe('why the native planner ends the process; tried in one of its own until that is mended'),
  fallback: z
    .strictObject({ because: z.string(), isWrong: z.literal(true).optional(), ...outcome })
    .optional()
    .describe("what is otherwise with Apollo's planner, and why; or that it gives a wrong answer"),
})

const suite = z.strictObject({
  about: z.string(),
  isUnsatisfiable: z
    .literal(true)
    .optional()
    .describe('composed without the check that every operation can be planned'),
  supergraph: z.string().optional().describe('a file beside, for what no composer of today writes'),
  subgraphs: z.record(z.string(), subgraph),
  cases: z.array(testCase).min(1),
})

export type SubgraphFixture = z.output<typeof subgraph>
export type Case = z.output<typeof testCase>
export type Outcome = Pick<Case, keyof typeof outcome>
export type Suite = z.output<typeof suite> & { readonly name: string }

export const SUITES_FOLDER = join(import.meta.dirname, 'suites')

/** Reads every suite, in the order of their names; throws with the file's name where one is not of the form. */
export function readSuites(): readonly Suite[] {
  return readdirSync(SUITES_FOLDER)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map(readSuite)
}

function readSuite(file: string): Suite {
  const text = readFileSync(join(SUITES_FOLDER, file), 'utf8')
  const read = suite.safeParse(parse(text, { merge: true, maxAliasCount: -1 }))
  if (!read.success) throw new Error(`${file}:\n${z.prettifyError(read.error)}`)
  const names = read.data.cases.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`${file} has two cases named "${twice}".`)
  return { ...read.data, name: file.replace('.yaml', '') }
}

/** The text of a supergraph that a suite brings along. */
export function readSupergraphFile(file: string): string {
  return readFileSync(join(SUITES_FOLDER, file), 'utf8')
}
