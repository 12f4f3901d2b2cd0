import type { ConfigReload, ConfigReport } from './config-reload.js'
import type { TrustedSource } from './documents/index.js'
import type { SupergraphSource } from './federation/index.js'
import type { Logger } from './kernel/ports/logger.js'
import { createTurns } from './kernel/turns.js'
import type { LiveLimits } from './live-limits.js'
import type { RuleSource } from './rule-source.js'

export interface ReloadParts {
  readonly configReload: ConfigReload
  readonly liveLimits: Pick<LiveLimits, 'offer'>
  readonly rules: Pick<RuleSource, 'reload' | 'isWaiting'>
  readonly source: Pick<SupergraphSource, 'reload'>
  readonly trusted: Pick<TrustedSource, 'reload'> | undefined
  readonly logger: Logger
}

/**
 * Makes what `POST /reload` does: reads config, rules, supergraph and trusted documents again, and says what became of
 * the config; rejects when any of them is refused.
 *
 * One reload after another, so that the last one asked for is the one that stays.
 */
export function createReload(parts: ReloadParts): () => Promise<ConfigReport> {
  const { configReload, liveLimits, logger } = parts
  const inTurn = createTurns()
  const reload = async (): Promise<ConfigReport> => {
    const reread = await configReload.read()
    try {
      liveLimits.offer(reread?.options)
      await reloadParts(parts)
      // Last, so that a reload that is refused leaves the limits as they are.
      const report = (await reread?.take()) ?? { changed: [], restartNeeded: [] }
      if (report.changed.length > 0) logger.info(report, 'changed options are in force')
      if (report.restartNeeded.length > 0) logger.warn(report, 'changed options need a restart')
      return report
    } finally {
      liveLimits.offer(undefined)
    }
  }
  return () => inTurn(reload)
}

async function reloadParts({ rules, source, trusted }: ReloadParts): Promise<void> {
  // Rules that do not fit this graph may fit the next one, which then takes them with it.
  let refusal: Error | undefined
  await rules.reload().catch((error: unknown) => {
    if (!rules.isWaiting()) throw error
    refusal = new Error(error instanceof Error ? error.message : 'The rules do not fit.', { cause: error })
  })
  await source.reload()
  await trusted?.reload()
  if (refusal !== undefined && rules.isWaiting()) throw refusal
}
