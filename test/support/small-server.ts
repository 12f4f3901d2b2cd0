import { createHttpServer, type HttpPorts, type HttpServer } from '../../src/http/index.js'
import { httpOptions } from '../../src/http/options.js'
import { SYSTEM_CLOCK } from '../../src/kernel/ports/clock.js'
import type { Logger } from '../../src/kernel/ports/logger.js'
import { SILENT_LOGGER } from '../../src/kernel/ports/logger.js'
import { NO_METRICS } from '../../src/kernel/ports/metrics.js'
import type { Principal } from '../../src/kernel/principal.js'
import { createSmallGeneration } from './small-generation.js'

/** Makes a public listener over the tiny graph; everything can be replaced. */
export function createSmallServer(options: object = {}, ports: Partial<HttpPorts> = {}): HttpServer {
  const { generation } = createSmallGeneration()
  return createHttpServer(httpOptions.parse(options), {
    current: () => generation,
    identify: everybodyIsNobody,
    routes: [],
    health: () => [],
    logger: SILENT_LOGGER,
    metrics: NO_METRICS,
    clock: SYSTEM_CLOCK,
    ...ports,
  })
}

const NOBODY: Principal = {
  kind: 'anonymous',
  key: 'nobody',
  tenant: 'acme',
  plan: 'free',
  scopes: new Set(),
  scopeKey: '',
  roles: [],
}

const everybodyIsNobody: HttpPorts['identify'] = {
  name: 'identify',
  run: (context) => ({ ...context, principal: NOBODY }),
}

export interface LogLine {
  readonly facts: Record<string, unknown>
  readonly message: string
}

/** A logger that keeps what it is told. */
export function createKeepingLogger(): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const keep = (facts: object, message: string) => {
    lines.push({ facts: facts as Record<string, unknown>, message })
  }
  return { logger: { debug: keep, info: keep, warn: keep, error: keep }, lines }
}
