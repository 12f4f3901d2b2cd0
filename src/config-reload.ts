import type { LoadedConfig } from './config/load.js'
import type { GatewayOptions } from './config/schema.js'
import type { LiveOptions } from './live-limits.js'
import { isRecord } from './kernel/is-record.js'

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
  readonly options: LiveOptions
  /** Puts into force what can be changed in a running process, and says what that is; rejects when it is refused. */
  readonly take: () => Promise<ConfigReport>
}

/** Makes the reader of a changed config; `use` takes changed limits and quotas into force, all of them or none. */
export function createConfigReload(
  config: LoadedConfig,
  use: (options: LiveOptions) => Promise<void>,
): ConfigReload {
  let inForce = config.options
  const isLive = (key: string): boolean => key.startsWith('limits.') || isLiveQuota(key, inForce)
  return {
    read: async () => {
      if (config.reread === undefined) return undefined
      const { options } = await config.reread()
      return {
        options,
        take: async () => {
          const keys = changedKeys(inForce, options)
          const changed = keys.filter(isLive)
          if (changed.length > 0) await use(options)
          // What needs a restart stays unlike the file, and is named again by the next reload.
          inForce = withLive(inForce, options)
          return { changed, restartNeeded: keys.filter((key) => !isLive(key)) }
        },
      }
    },
  }
}

/** Where nothing is counted there is nothing to hold against a quota, so that quotas begin with the next start. */
function isLiveQuota(key: string, { usage }: GatewayOptions): boolean {
  return usage.enabled && (key.startsWith('usage.quotas.') || key === 'usage.warnAt')
}

function withLive(inForce: GatewayOptions, { limits, usage }: LiveOptions): GatewayOptions {
  if (!inForce.usage.enabled) return { ...inForce, limits }
  const { quotas, warnAt } = usage
  return { ...inForce, limits, usage: { ...inForce.usage, quotas, warnAt } }
}

/** The keys under which two configs differ; a list that differs is one key. */
function changedKeys(before: unknown, after: unknown, path = ''): readonly string[] {
  if (!isRecord(before) || !isRecord(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [path]
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) =>
    changedKeys(before[name], after[name], path === '' ? name : `${path}.${name}`),
  )
}
