import { join } from 'node:path'
import type { CommandContext } from './command-context.js'

/** Where the key pair of development tokens lies; the demo's config trusts the public half. */
export function developmentIssuerDirectory(context: CommandContext): string {
  return join(context.packageDirectory, '.data', 'dev-issuer')
}
