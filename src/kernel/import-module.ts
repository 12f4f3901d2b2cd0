import { realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>

const { cache: commonJsModules } = createRequire(import.meta.url)

/**
 * Imports an operator's module; raises an Error that names its path where it cannot be loaded.
 *
 * `path` is absolute or relative to the working directory. Node keeps each module that it loaded; another `edition`
 * is another module, read anew. Node keeps too where a link led to, and of a CommonJS module it knows no editions.
 */
export async function importModule(path: string, edition = 0): Promise<Exports> {
  try {
    const file = await realpath(resolve(path))
    const { href } = pathToFileURL(file)
    if (edition === 0) return (await import(href)) as Exports
    Reflect.deleteProperty(commonJsModules, file)
    return (await import(`${href}?edition=${edition}`)) as Exports
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${path} cannot be loaded: ${reason}`, { cause })
  }
}
