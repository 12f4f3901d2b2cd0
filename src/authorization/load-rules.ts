import type { IRules } from 'graphql-shield'
import { importModule, type Exports } from '../kernel/import-module.js'
import type { Principal } from '../kernel/principal.js'
import { PolicyError } from './policy-error.js'
import { isShieldMiddleware, type ShieldMiddleware } from './read-shield.js'
import { readWrittenOptions, type WrittenOptions } from './written-options.js'
// Evaluated before any rule module, which needs its repair of graphql-shield on Node 23 and later.
import './shield-library.js'

/** Decides one name of `@policy`; anything but `true` refuses. */
export type Policy = (principal: Principal) => boolean | Promise<boolean>

/** What an operator's rule module brings. */
export interface LoadedRules {
  /** A tree, or what `shield()` made of one; its options are in there then. */
  readonly permissions?: IRules | ShieldMiddleware
  readonly policies?: Readonly<Record<string, Policy>>
  readonly options?: WrittenOptions
}

/**
 * Loads a module that exports a graphql-shield rule tree or what `shield()` returned, by default or as `permissions`,
 * and perhaps `policies` and, beside a tree, `options`.
 *
 * `path` and `edition` are those of {@link importModule}.
 */
export async function loadShieldRules(path: string, edition = 0): Promise<LoadedRules> {
  const exported = await importModule(path, edition).catch((cause: unknown) => {
    throw new PolicyError(`The rule module ${(cause as Error).message}`, { cause })
  })
  const permissions = treeOf(exported, path)
  const policies: unknown = exported['policies']
  if (permissions === undefined && policies === undefined) {
    throw new PolicyError(`${path} exports no rule tree: export it by default or as "permissions".`)
  }
  if (permissions !== undefined && !isTree(permissions)) {
    throw new PolicyError(`${path} exports something else than a rule tree or the result of shield().`)
  }
  if (isShieldMiddleware(permissions) && exported['options'] !== undefined) {
    throw new PolicyError(
      `${path} exports "options" beside the result of shield(): give them to shield() itself.`,
    )
  }
  return {
    ...(permissions === undefined ? {} : { permissions }),
    ...(policies === undefined ? {} : { policies: toPolicies(policies, path) }),
    ...(exported['options'] === undefined ? {} : { options: readWrittenOptions(exported['options'], path) }),
  }
}

/** Of two that are not the same, one would silently not count. */
function treeOf(exported: Exports, path: string): unknown {
  const { default: byDefault, permissions } = exported
  // A CommonJS module is its own default export.
  if (byDefault === undefined || isModule(byDefault, permissions)) return permissions
  if (permissions !== undefined && permissions !== byDefault) {
    throw new PolicyError(
      `${path} exports one thing by default and another as "permissions": keep one of them.`,
    )
  }
  return byDefault
}

function isModule(byDefault: unknown, permissions: unknown): boolean {
  if (permissions === undefined || typeof byDefault !== 'object' || byDefault === null) return false
  return (byDefault as Exports)['permissions'] === permissions
}

function isTree(value: unknown): value is IRules | ShieldMiddleware {
  return typeof value === 'object' && value !== null
}

function toPolicies(value: unknown, path: string): Readonly<Record<string, Policy>> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const wrong = entries.find(([, policy]) => typeof policy !== 'function')
  if (wrong) throw new PolicyError(`${path}: the policy "${wrong[0]}" is not a function.`)
  return Object.fromEntries(entries)
}
