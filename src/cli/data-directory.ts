import { join, resolve } from 'node:path'
import type { CommandContext } from './command-context.js'

/** Where the demo keeps its databases and keys: `.data` of this package, or what GATEHOUSE_DATA_DIR names. */
export function dataDirectory({ environment, packageDirectory }: CommandContext): string {
  return resolve(environment['GATEHOUSE_DATA_DIR'] || join(packageDirectory, '.data'))
}

/** Where the key pair of development tokens lies; the demo's config trusts the public half. */
export function developmentIssuerDirectory(context: CommandContext): string {
  return join(dataDirectory(context), 'dev-issuer')
}
