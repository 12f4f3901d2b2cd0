import { readdirSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  GraphQLError,
  Kind,
  parse,
  print,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql'
import type { FragmentsByName } from '../../kernel/fragments-by-name.js'
import { sha256 } from '../sha256.js'
import { inSlices } from './in-slices.js'
import { readListed } from './read-manifest-text.js'
import type { ListedText } from './to-trusted.js'
import { TrustedDocumentsError, type TrustedDocument } from './trusted-document.js'

const EXTENSIONS = ['.graphql', '.gql']

/** The files of a folder that hold operations or fragments, in the order of their paths. */
export function graphqlFilesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => EXTENSIONS.some((extension) => path.endsWith(extension)))
    .sort()
    .map((path) => join(folder, path))
}

export interface FolderRules {
  readonly clientName: string | undefined
  readonly maxBytes: number
  /** How findings name a path. */
  readonly nameOf: (path: string) => string
}

/**
 * Reads each operation of a folder as a document of its own, together with the fragments it uses.
 *
 * Fragments may stand in any file of the folder. The id is the SHA-256 of {@link toDocumentText}.
 * Raises TrustedDocumentsError with every finding.
 */
export async function readFolder(folder: string, rules: FolderRules): Promise<readonly TrustedDocument[]> {
  const files = await readFiles(folder, rules)
  const findings: string[] = []
  const fragments = collectFragments(files, findings)
  const partOf = createPartOf()
  const listed: ListedText[] = []
  await inSlices(operationsOf(files), ({ operation, place }) => {
    const used = usedBy(operation, fragments, partOf)
    if (typeof used === 'string') {
      findings.push(`${place}: There is no fragment "${used}" in this folder.`)
      return
    }
    const source = toDocumentText(operation, used, partOf)
    listed.push({ id: sha256(source), source, clientName: rules.clientName, place })
  })
  if (findings.length > 0) throw new TrustedDocumentsError(findings)
  return readListed(listed)
}

/**
 * The text of an operation and its fragments that a client has to hash: each as graphql-js prints it, the operation
 * first, then the fragments by name, an empty line between them.
 */
function toDocumentText(
  operation: OperationDefinitionNode,
  fragments: readonly FragmentDefinitionNode[],
  partOf: PartOf,
): string {
  const sorted = [...fragments].sort((a, b) => (a.name.value < b.name.value ? -1 : 1))
  return [operation, ...sorted].map((each) => partOf(each).text).join('\n\n')
}

/** What a definition gives to each document that has it. */
interface Part {
  readonly text: string
  /** Names of the fragments that it spreads itself. */
  readonly spreads: ReadonlySet<string>
}

type PartOf = (definition: OperationDefinitionNode | FragmentDefinitionNode) => Part

/** Prints and searches each definition once, however many operations use it. */
function createPartOf(): PartOf {
  const known = new Map<OperationDefinitionNode | FragmentDefinitionNode, Part>()
  return (definition) => {
    const before = known.get(definition)
    if (before !== undefined) return before
    const spreads = new Set<string>()
    visit(definition, { FragmentSpread: ({ name }) => void spreads.add(name.value) })
    const part = { text: print(definition), spreads }
    known.set(definition, part)
    return part
  }
}

interface ReadFile {
  readonly name: string
  readonly document: DocumentNode
}

async function readFiles(folder: string, rules: FolderRules): Promise<readonly ReadFile[]> {
  const files: ReadFile[] = []
  const findings: string[] = []
  let bytes = 0
  for (const path of graphqlFilesOf(folder)) {
    const name = rules.nameOf(path)
    bytes += (await stat(path)).size
    if (bytes > rules.maxBytes) {
      throw new TrustedDocumentsError([
        `${rules.nameOf(folder)}:1: Its files hold more than ${String(rules.maxBytes)} bytes (documents.trusted.maxBytes).`,
      ])
    }
    try {
      files.push({ name, document: parse(await readFile(path, 'utf8')) })
    } catch (error) {
      const [at] = error instanceof GraphQLError ? (error.locations ?? []) : []
      const reason = error instanceof GraphQLError ? error.message : 'It cannot be read.'
      findings.push(`${name}:${String(at?.line ?? 1)}: ${reason}`)
    }
  }
  if (findings.length > 0) throw new TrustedDocumentsError(findings)
  return files
}

function collectFragments(files: readonly ReadFile[], findings: string[]): FragmentsByName {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const file of files) {
    for (const definition of file.document.definitions) {
      if (definition.kind === Kind.OPERATION_DEFINITION) continue
      const place = placeOf(file, definition)
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) {
        findings.push(`${place}: Only operations and fragments are expected here.`)
        continue
      }
      const { value: name } = definition.name
      const other = fragments.get(name)
      if (other !== undefined && print(other) !== print(definition)) {
        findings.push(`${place}: There is another fragment "${name}" in this folder.`)
      }
      fragments.set(name, definition)
    }
  }
  return fragments
}

/** The fragments that an operation uses, through each other; or the name of one that is missing. */
function usedBy(
  operation: OperationDefinitionNode,
  fragments: FragmentsByName,
  partOf: PartOf,
): readonly FragmentDefinitionNode[] | string {
  const used = new Map<string, FragmentDefinitionNode>()
  const waiting: (OperationDefinitionNode | FragmentDefinitionNode)[] = [operation]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const name of partOf(node).spreads) {
      if (used.has(name)) continue
      const fragment = fragments.get(name)
      if (fragment === undefined) return name
      used.set(name, fragment)
      waiting.push(fragment)
    }
  }
  return [...used.values()]
}

interface ListedOperation {
  readonly operation: OperationDefinitionNode
  readonly place: string
}

function operationsOf(files: readonly ReadFile[]): readonly ListedOperation[] {
  return files.flatMap((file) =>
    file.document.definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? [{ operation: definition, place: placeOf(file, definition) }]
        : [],
    ),
  )
}

function placeOf({ name }: ReadFile, { loc }: DocumentNode['definitions'][number]): string {
  return `${name}:${String(loc?.startToken.line ?? 1)}`
}
