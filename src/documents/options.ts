import { z } from 'zod'
import { trustedOptions } from './trusted/options.js'

const MEBIBYTE = 1024 * 1024

const limits = z.strictObject({
  tokens: z
    .int()
    .min(1)
    .max(100_000)
    .default(2000)
    .describe('Tokens of a document, counted while reading it; comments have a limit of the same size.'),
  nesting: z
    .int()
    .min(1)
    .max(500)
    .default(45)
    .describe(
      'Brackets of any kind open at once, in the text and once fragments are expanded; keeps every later step off the end of the stack, and operations within the 50 levels that the native planner reads.',
    ),
  depth: z
    .int()
    .min(1)
    .default(15)
    .describe('Fields below each other, counted through fragments. Introspection may always go to 20.'),
  aliases: z.int().min(0).default(30).describe('Aliases of an operation, counted through fragments.'),
  rootFields: z.int().min(1).default(20).describe('Fields of the root type, counted through fragments.'),
  directives: z.int().min(0).default(50).describe('Directives applied in a document.'),
  expandedSelections: z
    .int()
    .min(1)
    .default(10_000)
    .describe('Selections of an operation once every fragment stands where it is spread.'),
  overlaps: z
    .int()
    .min(0)
    .default(20_000)
    .describe('Pairs of fields that write the same place of the response; validation compares each pair.'),
  operations: z.int().min(1).default(10).describe('Operations in one document.'),
  fragments: z.int().min(0).max(1000).default(100).describe('Fragment definitions in one document.'),
  variables: z.int().min(0).default(100).describe('Variables that one operation declares.'),
  variableDepth: z
    .int()
    .min(1)
    .max(500)
    .default(50)
    .describe('Lists and objects inside each other in the value of one variable.'),
  variableValues: z
    .int()
    .min(1)
    .default(20_000)
    .describe('Values in the variables of one request, with every list item and object member.'),
})

const memo = z.strictObject({
  bytes: z
    .int()
    .min(0)
    .default(64 * MEBIBYTE)
    .describe('Estimated memory for documents that were parsed and found valid; 0 remembers none.'),
  failureBytes: z
    .int()
    .min(0)
    .default(4 * MEBIBYTE)
    .describe('Memory for refused documents, kept apart so that they never push out good ones.'),
})

const apq = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Automatic persisted queries: a client may send the SHA-256 of a document it sent before.'),
  bytes: z
    .int()
    .min(0)
    .default(16 * MEBIBYTE)
    .describe('Memory for the texts behind the hashes, in this process.'),
  maxTextBytes: z
    .int()
    .min(1)
    .default(64 * 1024)
    .describe('Longest text that is learned, in bytes; a longer one runs and has to be sent each time.'),
  shared: z
    .boolean()
    .default(true)
    .describe('Where there is Redis, let a text learned by one instance be known to all.'),
  ttlSeconds: z
    .int()
    .min(1)
    .default(7 * 86_400)
    .describe('Life of a text in Redis, in seconds; after it a client is asked for the text once more.'),
  learnFrom: z
    .enum(['everyone', 'identified'])
    .default('everyone')
    .describe('identified: texts of anonymous callers run and are not learned.'),
  registrationsPerMinute: z
    .int()
    .min(1)
    .default(300)
    .describe(
      'Texts learned from one caller in a minute, by each instance; further ones run and are not learned.',
    ),
})

const introspection = z.strictObject({
  allow: z
    .enum(['auto', 'everyone', 'scoped', 'nobody'])
    .default('auto')
    .describe(
      'scoped: callers with one of `scopes`. auto: everyone, and in production `scoped`. Stored operations are not touched by it.',
    ),
  scopes: z
    .array(z.string().min(1))
    .default(['introspection', 'admin'])
    .describe('Scopes of which one is enough.'),
})

/** Options of the resolveDocument stage; defaults are the published limits (notes: security §5.1). */
export const documentsOptions = z.strictObject({
  introspection: introspection
    .prefault({})
    .describe('Who may ask what the graph is made of, by `__schema` and `__type`.'),
  suggestions: z
    .boolean()
    .default(false)
    .describe('Whether validation messages may say "Did you mean …?", which tells names of the schema.'),
  limits: limits.prefault({}).describe('Bounds of size and shape, checked before validation.'),
  memo: memo.prefault({}).describe('How much is remembered of documents seen.'),
  apq: apq.prefault({}).describe('Automatic persisted queries.'),
  trusted: trustedOptions.prefault({}).describe('Documents that the operator knows in advance.'),
})

export type IntrospectionOptions = z.output<typeof introspection>
export type DocumentsOptions = z.output<typeof documentsOptions>

export type DocumentLimits = DocumentsOptions['limits']
