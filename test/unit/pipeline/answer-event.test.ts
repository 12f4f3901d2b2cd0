import { describe, expect, it } from '@jest/globals'
import type { Authorized } from '../../../src/kernel/contexts.js'
import { Deadline } from '../../../src/kernel/deadline.js'
import type { ErrorCode } from '../../../src/kernel/error-catalogue.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { createAnswerEvent, type LetIn } from '../../../src/pipeline/answer-event.js'
import type { Line } from '../../../src/pipeline/line.js'
import { Progress } from '../../../src/pipeline/progress.js'
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

describe('an event of which limits leave less', () => {
  const record = (hash: string) => ({ hash }) as unknown as OperationRecord
  const fetchOf = (operation: string) => ({
    node: { kind: 'Subscription', primary: { subgraph: 'books', operation }, rest: undefined },
  })

  /** Admits an event; says which operation it is answered by, and what that has used so far. */
  async function admit(policy: string, limits: string, asked: string) {
    const charge = { countedFields: 1, cost: { estimated: 6, paid: 5, maximum: 9 } }
    const line = {
      limitEvent: {
        name: 'limitOperation',
        run: (context: object) => ({ ...context, permitted: record(limits), charge }),
      },
      plan: {
        name: 'plan',
        run: (context: { readonly permitted: OperationRecord | null }) => ({
          ...context,
          plan: context.permitted === null ? { node: undefined } : fetchOf(asked),
          planVariables: {},
        }),
      },
    } as unknown as Line
    const events = createAnswerEvent(line, createThrough(), createRefuse(SILENT_LOGGER, NO_METRICS))
    const letIn = {
      charged: { permitted: record('opened') },
      opened: { plan: fetchOf('subscription { changed { id stars } }'), planVariables: {} },
    } as unknown as LetIn
    const deadline = new Deadline(1_000)
    const now = { permitted: record(policy), deadline } as unknown as Authorized
    const progress = new Progress(now)
    const { permitted } = await events.admit(letIn, now, progress)
    return [permitted?.hash, progress.costUnits]
  }

  it('is answered by a plan for what is left, and under that of the opening where all is', async () => {
    expect(await admit('opened', 'opened', '')).toEqual(['opened', 5])
    expect(await admit('opened', 'less', 'subscription { changed { id } }')).toEqual(['less', 5])
  })

  it('is kept back, and ends nothing, where the source does not bring what that needs', async () => {
    expect(await admit('opened', 'less', 'subscription { changed { isbn } }')).toEqual([undefined, 0])
  })

  it('ends the subscription where it is the policy that needs more', async () => {
    await expect(admit('other', 'less', 'subscription { changed { isbn } }')).rejects.toMatchObject({
      code: 'SUBSCRIPTION_SCHEMA_RELOAD',
    })
  })
})
