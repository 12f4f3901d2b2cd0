import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { IRules } from 'graphql-shield'
import type { Principal } from '../kernel/principal.js'
import { PolicyError } from './policy-error.js'
import { isRule } from './rule-tree.js'
// Evaluated before any rule module, which needs its repair of graphql-shield on Node 23 and later.
import './shield-library.js'

/** Decides one name of `@policy`; anything but `true` refuses. */
export type Policy = (principal: Principal) => boolean | Promise<boolean>

/** What an operator's rule module brings. */
export interface LoadedRules {
  readonly permissions?: IRules
  readonly policies?: Readonly<Record<string, Policy>>
}

/**
 * Loads a module that exports a graphql-shield rule tree, by default or as `permissions`, and perhaps `policies`.
 *
 * `path` is absolute or relative to the working directory. Node keeps each module that it loaded; another `edition`
 * is another module, read anew.
 */
export async function loadShieldRules(path: string, edition = 0): Promise<LoadedRules> {
  const exported = await importModule(path, edition)
  const permissions: unknown = exported['default'] ?? exported['permissions']
  const policies: unknown = exported['policies']
  if (permissions === undefined && policies === undefined) {
    throw new PolicyError(`${path} exports no rule tree: export it by default or as "permissions".`)
  }
  if (permissions !== undefined && !isTree(permissions)) {
    throw new PolicyError(
      `${path} exports something else than a rule tree. Export the tree itself, not the result of shield().`,
    )
  }
  return {
    ...(permissions === undefined ? {} : { permissions }),
    ...(policies === undefined ? {} : { policies: toPolicies(policies, path) }),
  }
}

async function importModule(path: string, edition: number): Promise<Readonly<Record<string, unknown>>> {
  try {
    const { href } = pathToFileURL(resolve(path))
    return (await import(edition === 0 ? href : `${href}?edition=${edition}`)) as Readonly<
      Record<string, unknown>
    >
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PolicyError(`The rule module ${path} cannot be loaded: ${reason}`, { cause })
  }
}

/** What shield() returns is a generator with a `generate` method; a tree has types or is a rule. */
function isTree(value: unknown): value is IRules {
  return isRule(value) || (typeof value === 'object' && value !== null && !('generate' in value))
}

function toPolicies(value: unknown, path: string): Readonly<Record<string, Policy>> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const wrong = entries.find(([, policy]) => typeof policy !== 'function')
  if (wrong) throw new PolicyError(`${path}: the policy "${wrong[0]}" is not a function.`)
  return Object.fromEntries(entries)
}
