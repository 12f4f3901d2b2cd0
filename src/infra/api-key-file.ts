import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { StoredApiKey } from '../kernel/ports/api-key-store.js'

const milliseconds = () => z.number().nonnegative()

const storedKey = z.object({
  id: z.string(),
  name: z.string(),
  tenant: z.string(),
  plan: z.enum(['free', 'pro', 'enterprise']),
  scopes: z.array(z.string()),
  createdAtMs: milliseconds(),
  expiresAtMs: milliseconds().exactOptional(),
  revokedAtMs: milliseconds().exactOptional(),
  secrets: z.array(z.object({ digest: z.string(), voidAtMs: milliseconds().exactOptional() })),
  /** That of the file when the key was last changed. */
  revision: z.int(),
})

const apiKeyFile = z.object({
  format: z.literal(1),
  /** Another one: the file is not the one of before, whatever its revision. */
  lineage: z.string(),
  revision: z.int(),
  keys: z.array(storedKey),
})

/** The content of the file that keeps API keys. */
export type ApiKeyFile = z.output<typeof apiKeyFile>

export type KeyInFile = ApiKeyFile['keys'][number]

/** Reads the text of the file; raises with one line when it is not what it should be. */
export function parseApiKeyFile(text: string, path: string): ApiKeyFile {
  try {
    return apiKeyFile.parse(JSON.parse(text))
  } catch (cause) {
    throw new Error(`${path} does not hold API keys any more; put back a copy, or delete it to begin anew.`, {
      cause,
    })
  }
}

export function emptyApiKeyFile(): ApiKeyFile {
  return { format: 1, lineage: randomUUID(), revision: 0, keys: [] }
}

/** The next revision, with `key` in the place of the one of its id, or at the end. */
export function withKey(file: ApiKeyFile, key: StoredApiKey): ApiKeyFile {
  const revision = file.revision + 1
  const changed: KeyInFile = { ...key, scopes: [...key.scopes], secrets: [...key.secrets], revision }
  const isKnown = file.keys.some(({ id }) => id === key.id)
  const keys = isKnown
    ? file.keys.map((each) => (each.id === key.id ? changed : each))
    : [...file.keys, changed]
  return { ...file, revision, keys }
}
