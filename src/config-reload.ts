import type { LoadedConfig } from './config/load.js'
import type { GatewayOptions } from './config/schema.js'

/** What became of a config that was read again; keys as they stand in the file, never values. */
export interface ConfigReport {
  /** In force from now on. */
  readonly changed: readonly string[]
  /** Read, and not in force before the process is started again. */
  readonly restartNeeded: readonly string[]
}

export interface ConfigReload {
  /**
   * Reads the config again, without putting it into force; rejects with ConfigError when it is not valid.
   *
   * Undefined where there is no file to read.
   */
  readonly read: () => Promise<RereadConfig | undefined>
}

export interface RereadConfig {
  /** Puts into force what can be changed in a running process, and says what that is. */
  readonly take: () => ConfigReport
}

/** Sections of `limits` that a running process takes into force; everything else is built into its parts. */
const LIVE_SECTIONS = ['requests', 'concurrency', 'shedding'] as const

const LIVE_KEYS = LIVE_SECTIONS.map((section) => `limits.${section}.`)

type Limits = GatewayOptions['limits']

/** Makes the reader of a changed config; `use` takes changed limits into force. */
export function createConfigReload(config: LoadedConfig, use: (limits: Limits) => void): ConfigReload {
  let inForce = config.options
  return {
    read: async () => {
      if (config.reread === undefined) return undefined
      const { options } = await config.reread()
      return {
        take: () => {
          const keys = changedKeys(inForce, options)
          const isLive = (key: string) => LIVE_KEYS.some((start) => key.startsWith(start))
          const changed = keys.filter(isLive)
          if (changed.length > 0) use(options.limits)
          const { requests, concurrency, shedding } = options.limits
          // What needs a restart stays unlike the file, and is named again by the next reload.
          inForce = { ...inForce, limits: { ...inForce.limits, requests, concurrency, shedding } }
          return { changed, restartNeeded: keys.filter((key) => !isLive(key)) }
        },
      }
    },
  }
}

/** The keys under which two configs differ; a list that differs is one key. */
function changedKeys(before: unknown, after: unknown, path = ''): readonly string[] {
  if (!isObject(before) || !isObject(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [path]
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) =>
    changedKeys(before[name], after[name], path === '' ? name : `${path}.${name}`),
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
