import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isEndpoint, type Endpoint } from './define-endpoint.js'

/** A module with endpoints; declarations and maps of the compiler are passed over. */
const MODULE = /(?<!\.d)\.(m?js|ts)$/

/**
 * Imports every endpoint declared below a folder, in the order of their file names.
 *
 * Raises an Error that names the module when two endpoints claim one route.
 */
export async function loadEndpoints(directory: string): Promise<readonly Endpoint[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile() && MODULE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(file).href) as Promise<object>))
  const endpoints = modules.flatMap((exported) => Object.values(exported).filter(isEndpoint))
  assertDistinct(endpoints)
  return endpoints
}

function assertDistinct(endpoints: readonly Endpoint[]): void {
  const seen = new Set<string>()
  for (const { method, path } of endpoints) {
    const route = `${method} ${path}`
    if (seen.has(route)) throw new Error(`Two BFF endpoints claim ${route}.`)
    seen.add(route)
  }
}
