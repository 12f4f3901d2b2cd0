import { describe, expect, it } from '@jest/globals'
import { Answer } from '../../../src/kernel/answer.js'
import { Deadline } from '../../../src/kernel/deadline.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import { SILENT_LOGGER, type Logger } from '../../../src/kernel/ports/logger.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import type { StageName } from '../../../src/kernel/stage.js'
import type { Line } from '../../../src/pipeline/line.js'
import { createRefuse } from '../../../src/pipeline/refuse.js'
import { createRunOperation } from '../../../src/pipeline/run-operation.js'
import { createThrough } from '../../../src/pipeline/through.js'
import { makeReceived } from '../../support/arrival.js'

/** A line whose stages only note that they ran; a test replaces the ones it is about. */
function makeLine(ran: string[], replaced: Partial<Record<keyof Line, unknown>> = {}): Line {
  const stage = (name: StageName, adds: object) => ({
    name,
    run(context: object) {
      ran.push(name)
      return { ...context, ...adds }
    },
  })
  return {
    identify: stage('identify', { principal: { kind: 'anonymous' } }),
    limitRequest: stage('limitRequest', { admission: {} }),
    resolveDocument: stage('resolveDocument', { operation: { name: 'Op' }, variables: {} }),
    authorize: stage('authorize', { denials: [], permitted: {} }),
    limitOperation: stage('limitOperation', { charge: {} }),
    cache: {
      read: () => void ran.push('read'),
      write: () => void ran.push('write'),
    },
    plan: stage('plan', { plan: {} }),
    fetch: stage('fetch', { outcome: {} }),
    shape: stage('shape', { answer: Answer.fromBody({ data: { ok: true } }) }),
    ...replaced,
  } as unknown as Line
}

function makeRun(line: Line, logger: Logger = SILENT_LOGGER, observed?: string[]) {
  const observe = observed && ((stage: StageName) => void observed.push(stage))
  return createRunOperation(line, createThrough(observe), createRefuse(logger, NO_METRICS), () =>
    Promise.reject(new Error('no subscription')),
  )
}

const ORDER = [
  'identify',
  'limitRequest',
  'resolveDocument',
  'authorize',
  'limitOperation',
  'read',
  'plan',
  'fetch',
  'shape',
  'write',
]

describe('the line', () => {
  it('takes an operation through every stage in the order of the design', async () => {
    const ran: string[] = []
    const reply = await makeRun(makeLine(ran))(makeReceived())
    expect(ran).toEqual(ORDER)
    expect(reply).toMatchObject({ status: 200, refusal: undefined, operation: { name: 'Op' } })
    expect(reply.answer.text).toBe('{"data":{"ok":true}}')
  })

  it('gives the same reply when every stage has to be waited for', async () => {
    const ran: string[] = []
    const line = makeLine(ran)
    const waiting = Object.fromEntries(
      Object.entries(line).map(([key, stage]) =>
        'run' in stage
          ? [key, { ...stage, run: async (context: never) => stage.run(context) }]
          : [key, stage],
      ),
    ) as unknown as Line
    const reply = await makeRun(waiting)(makeReceived())
    expect(ran).toEqual(ORDER)
    expect(reply.status).toBe(200)
  })

  it('ends at the stage that refuses; later stages never run', async () => {
    const ran: string[] = []
    const line = makeLine(ran, {
      authorize: {
        name: 'authorize',
        run: () => {
          throw new GatewayError('FORBIDDEN', 'No.', { extensions: { paths: ['a'] } })
        },
      },
    })
    const reply = await makeRun(line)(makeReceived())
    expect(ran).toEqual(['identify', 'limitRequest', 'resolveDocument'])
    expect(reply).toMatchObject({ status: 403, principal: { kind: 'anonymous' }, operation: { name: 'Op' } })
    expect(reply.answer.body).toEqual({
      errors: [{ message: 'No.', extensions: { code: 'FORBIDDEN', paths: ['a'] } }],
    })
  })

  it('answers from memory behind the policy, and fetches nothing then', async () => {
    const ran: string[] = []
    const remembered = { answer: Answer.fromText('{"data":{"old":1}}'), status: 'HIT' }
    const line = makeLine(ran, { cache: { read: () => remembered, write: () => ran.push('write') } })
    const reply = await makeRun(line)(makeReceived())
    expect(ran).toEqual(['identify', 'limitRequest', 'resolveDocument', 'authorize', 'limitOperation'])
    expect(reply).toMatchObject({ status: 200, cacheStatus: 'HIT' })
  })

  it('masks an unexpected fault and logs it under the request id', async () => {
    const logged: object[] = []
    const logger: Logger = { ...SILENT_LOGGER, error: (facts) => void logged.push(facts) }
    const fault = new Error('connect ECONNREFUSED 10.0.0.7:5432')
    const line = makeLine([], { plan: { name: 'plan', run: async () => Promise.reject(fault) } })
    const reply = await makeRun(line, logger)(makeReceived({ requestId: 'id-of-this-one' }))
    expect(reply.status).toBe(500)
    expect(reply.answer.text).not.toContain('ECONNREFUSED')
    expect(reply.answer.body.errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR')
    expect(logged).toEqual([{ requestId: 'id-of-this-one', err: fault }])
  })

  it('stops with GATEWAY_TIMEOUT before the next stage once the deadline is over', async () => {
    let now = 0
    const ran: string[] = []
    const line = makeLine(ran, {
      identify: {
        name: 'identify',
        run: (context: object) => {
          now = 11_000
          return { ...context, principal: { kind: 'anonymous' } }
        },
      },
    })
    const reply = await makeRun(line)(makeReceived({ deadline: new Deadline(10_000, () => now) }))
    expect(reply).toMatchObject({ status: 504, refusal: { code: 'GATEWAY_TIMEOUT' } })
    expect(ran).toEqual([])
  })

  it('stops with REQUEST_CANCELLED when the client has left', async () => {
    const deadline = new Deadline(10_000)
    deadline.end('client-left')
    const ran: string[] = []
    const reply = await makeRun(makeLine(ran))(makeReceived({ deadline }))
    expect(reply.refusal?.code).toBe('REQUEST_CANCELLED')
    expect(ran).toEqual([])
  })

  describe('with a cost that was charged', () => {
    const charge = (returned: number[]) => ({
      name: 'limitOperation',
      run: (context: object) => ({
        ...context,
        charge: {
          cost: {
            estimated: 7,
            paid: 7,
            maximum: 10,
            giveBack: (unused: number) => void returned.push(unused),
          },
        },
      }),
    })
    const failure = new GatewayError('REQUEST_CONCURRENCY_LIMITED', 'Too much.')
    const refusing = {
      'at once': () => {
        throw failure
      },
      'after a while': () => Promise.reject(failure),
    }

    it.each(['at once', 'after a while'] as const)(
      'gives all of it back when planning fails %s',
      async (when) => {
        const returned: number[] = []
        const line = makeLine([], {
          limitOperation: charge(returned),
          plan: { name: 'plan', run: refusing[when] },
        })
        const reply = await makeRun(line)(makeReceived())
        expect(reply).toMatchObject({ refusal: { code: 'REQUEST_CONCURRENCY_LIMITED' }, costUnits: 0 })
        expect(returned).toEqual([7])
      },
    )

    it('gives it back when time runs out before fetching', async () => {
      let now = 0
      const ran: string[] = []
      const returned: number[] = []
      const plan = {
        name: 'plan',
        run: (context: object) => {
          now = 11_000
          return context
        },
      }
      const line = makeLine(ran, { limitOperation: charge(returned), plan })
      const reply = await makeRun(line)(makeReceived({ deadline: new Deadline(10_000, () => now) }))
      expect(reply).toMatchObject({ refusal: { code: 'GATEWAY_TIMEOUT' }, costUnits: 0 })
      expect(ran).not.toContain('fetch')
      expect(returned).toEqual([7])
    })

    it('keeps it when time runs out while subgraphs work', async () => {
      const returned: number[] = []
      const fetch = {
        name: 'fetch',
        run: () => Promise.reject(new GatewayError('GATEWAY_TIMEOUT', 'Too late.')),
      }
      const line = makeLine([], { limitOperation: charge(returned), fetch })
      const reply = await makeRun(line)(makeReceived())
      expect(reply).toMatchObject({ refusal: { code: 'GATEWAY_TIMEOUT' }, costUnits: 7 })
      expect(returned).toEqual([])
    })

    it('leaves it to the stages when there is an answer', async () => {
      const returned: number[] = []
      await makeRun(makeLine([], { limitOperation: charge(returned) }))(makeReceived())
      expect(returned).toEqual([])
    })
  })

  it('tells the observer of every stage, the refusing one included', async () => {
    const observed: string[] = []
    const line = makeLine([], {
      plan: {
        name: 'plan',
        run: () => {
          throw new GatewayError('QUERY_PLANNING_FAILED', 'No plan.')
        },
      },
    })
    await makeRun(line, SILENT_LOGGER, observed)(makeReceived())
    expect(observed).toEqual([
      'identify',
      'limitRequest',
      'resolveDocument',
      'authorize',
      'limitOperation',
      'plan',
    ])
  })
})
