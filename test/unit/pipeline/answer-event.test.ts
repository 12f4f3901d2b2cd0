import { describe, expect, it } from '@jest/globals'
import { Deadline } from '../../../src/kernel/deadline.js'
import type { ErrorCode } from '../../../src/kernel/error-catalogue.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { createAnswerEvent, type LetIn } from '../../../src/pipeline/answer-event.js'
import type { Line } from '../../../src/pipeline/line.js'
import { createRefuse } from '../../../src/pipeline/refuse.js'
import { createThrough } from '../../../src/pipeline/through.js'

const PRINCIPAL: Principal = {
  kind: 'user',
  key: 'user:1',
  tenant: 'acme',
  plan: 'free',
  scopes: new Set(),
  scopeKey: '',
  roles: [],
}

/** Looks at a silent subscription of which the identify stage says this now. */
async function recheck(now: Principal | GatewayError) {
  const identify = {
    name: 'identify',
    run: (context: object) => {
      if (now instanceof GatewayError) throw now
      return { ...context, principal: now }
    },
  }
  const refuse = createRefuse(SILENT_LOGGER, NO_METRICS)
  const events = createAnswerEvent(
    { identify } as unknown as Line,
    createThrough(NO_METRICS.observeStage),
    refuse,
  )
  const letIn = { resolved: { requestId: 'r-1' }, opened: { principal: PRINCIPAL } } as unknown as LetIn
  return (await events.recheck(letIn, new Deadline(1_000)))?.end
}

describe('a look at a silent subscription', () => {
  it.each<[ErrorCode, string | undefined]>([
    ['UNAUTHENTICATED', 'expired'],
    ['FORBIDDEN', 'failed'],
    ['IDENTITY_UNAVAILABLE', undefined],
    ['REQUEST_RATE_LIMITED', undefined],
  ])('that finds %s ends it: %s', async (code, end) => {
    expect(await recheck(new GatewayError(code, 'x'))).toBe(end)
  })

  it('ends it where its caller is told of otherwise now', async () => {
    expect(await recheck({ ...PRINCIPAL })).toBeUndefined()
    expect(await recheck({ ...PRINCIPAL, scopeKey: 'admin' })).toBe('reloaded')
  })
})
