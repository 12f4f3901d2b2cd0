import { loadShieldRules, type LoadedRules } from './authorization/index.js'
import type { GatewayOptions } from './config/schema.js'
import type { DependencyHealth } from './kernel/ports/health.js'
import type { Logger } from './kernel/ports/logger.js'
import { fingerprint, watchFiles } from './kernel/watch-files.js'
import { createTurns } from './kernel/turns.js'

/** Some file systems report no change. */
const LOOK_SECONDS = 2

/** Takes rules into service, or throws and thereby keeps those before. */
export type OnRules = (rules: LoadedRules) => Promise<void>

/** The operator's shield rules, as they are now. */
export interface RuleSource {
  /** Those that serve; undefined where none are configured. */
  readonly current: () => LoadedRules | undefined
  /**
   * Puts a new graph into service: with rules that were refused beside the graph before it, where they fit this one.
   *
   * Whoever changes both must be able to write the rules first, lest what they guard be open in between.
   */
  readonly serveGraph: (serve: (rules: LoadedRules | undefined) => Promise<void>) => Promise<void>
  /** Whether rules wait for a graph that they fit. */
  readonly isWaiting: () => boolean
  /** Begins to look for changes. */
  readonly watch: (onRules: OnRules) => void
  /** Loads the module again now; rejects when it is refused, and those before it stay. */
  readonly reload: () => Promise<void>
  readonly health: () => readonly DependencyHealth[]
  readonly stop: () => void
}

const NO_RULES: RuleSource = {
  current: () => undefined,
  serveGraph: (serve) => serve(undefined),
  isWaiting: () => false,
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
  const firstState = fingerprint([path])
  let current = await loadShieldRules(path)
  /** Those that loaded and did not fit the graph. */
  let waiting: LoadedRules | undefined
  let edition = 0
  let isRefused = false
  let onRules: OnRules = () => Promise.resolve()
  let stopWatching = (): void => undefined
  const inTurn = createTurns()

  const take = (loaded: LoadedRules): void => {
    current = loaded
    waiting = undefined
    isRefused = false
    logger.info({}, 'the rules are loaded again')
  }
  const load = async (): Promise<void> => {
    edition += 1
    waiting = undefined
    try {
      const loaded = await loadShieldRules(path, edition)
      // Not before they are refused: others ask meanwhile whether any wait.
      await onRules(loaded).catch((error: unknown) => {
        waiting = loaded
        throw error
      })
      take(loaded)
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
    serveGraph: async (serve) => {
      const newest = waiting
      if (newest === undefined) return serve(current)
      try {
        await serve(newest)
      } catch {
        return serve(current)
      }
      if (waiting === newest) take(newest)
      else current = newest
    },
    isWaiting: () => waiting !== undefined,
    watch: (use) => {
      onRules = use
      if (!watchRules) return
      stopWatching = watchFiles(() => [path], LOOK_SECONDS, onChange)
      // What changed while the graph was loading.
      if (fingerprint([path]) !== firstState) onChange()
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
