import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What a module exports, by name. */
export type Exports = Readonly<Record<string, unknown>>

/**
 * Imports an operator's module; raises an Error that names its path where it cannot be loaded.
 *
 * `path` is absolute or relative to the working directory. Node keeps each module that it loaded; another `edition`
 * is another module, read anew.
 */
export async function importModule(path: string, edition = 0): Promise<Exports> {
  try {
    const { href } = pathToFileURL(resolve(path))
    return (await import(edition === 0 ? href : `${href}?edition=${edition}`)) as Exports
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${path} cannot be loaded: ${reason}`, { cause })
  }
}
