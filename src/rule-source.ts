import { loadShieldRules, type LoadedRules } from './authorization/index.js'
import type { GatewayOptions } from './config/schema.js'
import type { DependencyHealth } from './kernel/ports/health.js'
import type { Logger } from './kernel/ports/logger.js'
import { watchFiles } from './kernel/watch-files.js'
import { createTurns } from './turns.js'

/** Some file systems report no change. */
const LOOK_SECONDS = 2

/** Takes rules into service, or throws and thereby keeps those before. */
export type OnRules = (rules: LoadedRules) => Promise<void>

/** The operator's shield rules, as they are now. */
export interface RuleSource {
  /** Those that serve; undefined where none are configured. */
  readonly current: () => LoadedRules | undefined
  /** Begins to look for changes. */
  readonly watch: (onRules: OnRules) => void
  /** Loads the module again now; rejects when it is refused, and those before it stay. */
  readonly reload: () => Promise<void>
  readonly health: () => readonly DependencyHealth[]
  readonly stop: () => void
}

const NO_RULES: RuleSource = {
  current: () => undefined,
  watch: () => undefined,
  reload: () => Promise.resolve(),
  health: () => [],
  stop: () => undefined,
}

/** Loads the rules that a config names, and again when their file changes; raises PolicyError for a bad first module. */
export async function createRuleSource(
  { authorization }: GatewayOptions,
  { logger }: { readonly logger: Logger },
): Promise<RuleSource> {
  const { rules: path, watchRules } = authorization
  if (path === undefined) return NO_RULES
  let current = await loadShieldRules(path)
  let edition = 0
  let isRefused = false
  let onRules: OnRules = () => Promise.resolve()
  let stopWatching = (): void => undefined
  const inTurn = createTurns()

  const load = async (): Promise<void> => {
    edition += 1
    try {
      const loaded = await loadShieldRules(path, edition)
      await onRules(loaded)
      current = loaded
      isRefused = false
      logger.info({}, 'the rules are loaded again')
    } catch (error) {
      isRefused = true
      throw error
    }
  }
  /** One after another, so that the last change is the one that stays. */
  const reload = (): Promise<void> => inTurn(load)
  const onChange = (): void => {
    reload().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      logger.error({ reason }, 'changed rules are refused; those before them stay')
    })
  }

  return {
    current: () => current,
    watch: (take) => {
      onRules = take
      if (watchRules) stopWatching = watchFiles(() => [path], LOOK_SECONDS, onChange)
    },
    reload,
    health: () =>
      isRefused
        ? [
            {
              name: 'shield rules',
              state: 'degraded',
              required: false,
              detail: 'The newest rules were refused; those before them serve.',
            },
          ]
        : [{ name: 'shield rules', state: 'up', required: false }],
    stop: () => stopWatching(),
  }
}
