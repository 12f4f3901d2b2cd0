import type { Principal } from '../../kernel/principal.js'
import type { TrustedMode, TrustedOptions } from './options.js'

/** How far a caller's documents have to be trusted. */
export type ModeOf = (caller: Principal) => TrustedMode

/** Makes the choice of the rung a caller stands on: by his kind, unless one of his scopes or roles exempts him. */
export function createModeOf({ mode, modeByPrincipal, exempt }: TrustedOptions): ModeOf {
  const modes = {
    anonymous: modeByPrincipal.anonymous ?? mode,
    user: modeByPrincipal.user ?? mode,
    machine: modeByPrincipal.machine ?? mode,
  }
  const { scopes, roles } = exempt
  return (caller) => {
    const found = modes[caller.kind]
    if (found === 'off') return found
    const isExempt =
      scopes.some((scope) => caller.scopes.has(scope)) || roles.some((role) => caller.roles.includes(role))
    return isExempt ? 'off' : found
  }
}
