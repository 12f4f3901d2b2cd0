import { describe, expect, it } from '@jest/globals'
import type { AnswerStream } from '../../../src/kernel/answer-stream.js'
import { Answer } from '../../../src/kernel/answer.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import type { Principal } from '../../../src/kernel/principal.js'
import type { Reply } from '../../../src/kernel/reply.js'
import { Traffic } from '../../../src/kernel/traffic.js'
import { createToday } from '../../../src/usage/calendar.js'
import { createMeter } from '../../../src/usage/meter.js'
import { QuotaBook } from '../../../src/usage/quota-book.js'
import { Tally } from '../../../src/usage/tally.js'
import { makeReceived } from '../../support/arrival.js'
import { clockAt } from './moved-clock.js'
import { principal } from './principal.js'

const named = (name: string | undefined) => ({ name }) as OperationRecord
const ANSWER = Answer.fromText('{"data":{}}')

const failed = (...codes: readonly string[]) =>
  Answer.fromBody({
    errors: codes.map((code) => ({ message: 'No.', extensions: { code } })),
    data: null,
  })

function createWorld() {
  const clock = clockAt('2026-11-27T12:00:00Z')
  const today = createToday(clock)
  const tally = new Tally(today, { maxOperations: 100, maxRows: 1_000 })
  const book = new QuotaBook(today, () => undefined)
  const meter = createMeter(tally, () => book)
  const run = (reply: Partial<Reply>, traffic?: Traffic) => {
    const whole: Reply = {
      ...{ answer: ANSWER, status: 200, refusal: undefined, cacheStatus: 'BYPASS' },
      ...{ principal: principal(), operation: named('Home') },
      ...reply,
    }
    return meter(() => Promise.resolve(whole))(makeReceived({ traffic }))
  }
  /** The counts of the only row that there is. */
  const onlyRow = () => {
    const rows = tally.take(Infinity)
    expect(rows).toHaveLength(1)
    return rows[0]
  }
  return { run, onlyRow, tally, book, clock }
}

describe('the meter', () => {
  it('gives the reply on as it is', async () => {
    const { run } = createWorld()
    expect((await run({ answer: ANSWER })).answer).toBe(ANSWER)
  })

  it.each<[string, Principal | undefined, object]>([
    ['a user', principal(), { tenant: 'acme', caller: 'user' }],
    ['an anonymous caller', principal({ kind: 'anonymous' }), { tenant: 'acme', caller: 'anonymous' }],
    [
      'an API key',
      principal({ kind: 'machine', tenant: 'globex', apiKey: { id: '4Qc1Zs90TbXa', name: 'export' } }),
      { tenant: 'globex', caller: 'key:4Qc1Zs90TbXa' },
    ],
    [
      'nobody, when he could not be identified',
      undefined,
      { tenant: '(unidentified)', caller: '(unidentified)' },
    ],
  ])('counts for %s', async (_who, caller, expected) => {
    const { run, onlyRow } = createWorld()
    await run({ principal: caller })
    await run({ principal: caller })
    expect(onlyRow()).toMatchObject({ ...expected, day: '2026-11-27', operation: 'Home', requests: 2 })
  })

  it.each([
    [named('Home'), 'Home'],
    [named(undefined), '(anonymous)'],
    [undefined, '(unresolved)'],
  ])('counts under the name of the operation', async (operation, name) => {
    const { run, onlyRow } = createWorld()
    await run({ operation })
    expect(onlyRow()).toMatchObject({ operation: name, requests: 1 })
  })

  it.each([
    ['HIT', 1],
    ['STALE', 1],
    ['MISS', 0],
    ['BYPASS', 0],
  ] as const)('counts %s as %d cache hits', async (cacheStatus, cacheHits) => {
    const { run, onlyRow } = createWorld()
    await run({ cacheStatus })
    expect(onlyRow()).toMatchObject({ requests: 1, cacheHits })
  })

  it('counts what operations cost', async () => {
    const { run, onlyRow, book } = createWorld()
    await run({ costUnits: 2.5 })
    await run({ costUnits: 0 })
    await run({ costUnits: 4 })
    await run({})
    expect(onlyRow()).toMatchObject({ requests: 4, costUnits: 6.5 })
    expect(book.usedBy('acme')).toEqual({ requests: 4, costUnits: 6.5 })
  })

  it.each([
    ['clientErrors', 'GRAPHQL_PARSE_FAILED'],
    ['clientErrors', 'PERSISTED_QUERY_NOT_FOUND'],
    ['clientErrors', 'COST_ESTIMATED_TOO_EXPENSIVE'],
    ['deniedErrors', 'UNAUTHENTICATED'],
    ['deniedErrors', 'FORBIDDEN'],
    ['limitedErrors', 'REQUEST_RATE_LIMITED'],
    ['limitedErrors', 'QUOTA_EXCEEDED'],
    ['serverErrors', 'INTERNAL_SERVER_ERROR'],
    ['serverErrors', 'GATEWAY_TIMEOUT'],
  ] as const)('counts a refusal once, under %s: %s', async (measure, code) => {
    const { run, onlyRow } = createWorld()
    await run({ refusal: new GatewayError(code, 'No.'), answer: failed(code) })
    expect(sumOfErrors(onlyRow())).toEqual({ [measure]: 1 })
  })

  it.each([
    ['deniedErrors', ['UNAUTHORIZED_FIELD_OR_TYPE', 'UNAUTHORIZED_FIELD_OR_TYPE']],
    ['limitedErrors', ['UNAUTHORIZED_FIELD_OR_TYPE', 'FIELD_RATE_LIMITED']],
    ['serverErrors', ['FIELD_RATE_LIMITED', 'SUBREQUEST_TIMEOUT', 'UNAUTHORIZED_FIELD_OR_TYPE']],
    ['serverErrors', ['A_CODE_OF_A_SUBGRAPH']],
    ['serverErrors', ['toString']],
    ['serverErrors', ['AUTHORIZATION_FAULT']],
  ])('counts a partial answer once, under the gravest: %s', async (measure, codes) => {
    const { run, onlyRow } = createWorld()
    await run({ answer: failed(...codes) })
    await run({ answer: Answer.fromText(failed(...codes).text) })
    expect(sumOfErrors(onlyRow())).toEqual({ [measure]: 2 })
  })

  it('says whose the bytes of the request are', async () => {
    const { run, onlyRow } = createWorld()
    const traffic = new Traffic()
    await run({}, traffic)
    traffic.account?.addBytes(11, 22)
    expect(onlyRow()).toMatchObject({ requests: 1, receivedBytes: 11, sentBytes: 22 })
  })

  it('does not count anonymous and unknown callers against the quota of a tenant', async () => {
    const { run, book } = createWorld()
    await run({ principal: principal({ kind: 'anonymous' }) })
    await run({ principal: undefined })
    await run({ principal: principal() })
    expect(book.usedBy('acme')).toEqual({ requests: 1, costUnits: 0 })
  })
})

describe('a subscription', () => {
  const stream = {} as AnswerStream

  it('counts each event, its cost and its bytes on the day on which they come', async () => {
    const { run, tally, clock } = createWorld()
    const traffic = new Traffic()
    await run({ stream, costUnits: 1 }, traffic)
    traffic.account?.addEvent?.(3)
    traffic.account?.addBytes(5, 10)
    clock.moveTo('2026-11-28T00:00:00Z')
    traffic.account?.addEvent?.(0)
    traffic.account?.addEvent?.(2)
    traffic.account?.addBytes(0, 20)
    expect(tally.take(Infinity)).toMatchObject([
      { day: '2026-11-27', requests: 1, events: 1, costUnits: 4, receivedBytes: 5, sentBytes: 10 },
      { day: '2026-11-28', requests: 0, events: 2, costUnits: 2, receivedBytes: 0, sentBytes: 20 },
    ])
  })

  it('uses up the quota of its tenant with each event', async () => {
    const { run, book } = createWorld()
    const traffic = new Traffic()
    await run({ stream, costUnits: 1 }, traffic)
    traffic.account?.addEvent?.(3)
    expect(book.usedBy('acme')).toEqual({ requests: 1, costUnits: 4 })
  })

  it('uses up no quota where its caller is anonymous', async () => {
    const { run, book } = createWorld()
    const traffic = new Traffic()
    await run({ stream, principal: principal({ kind: 'anonymous' }) }, traffic)
    traffic.account?.addEvent?.(3)
    expect(book.usedBy('acme')).toEqual({ requests: 0, costUnits: 0 })
  })
})

describe('what a limit refuses as a whole', () => {
  it.each([
    'REQUEST_RATE_LIMITED',
    'FIELD_RATE_LIMITED',
    'QUOTA_EXCEEDED',
    'SUBSCRIPTION_MAX_LIMIT',
    'REQUEST_CONCURRENCY_LIMITED',
    'LIMITS_UNAVAILABLE',
  ] as const)('is a request that uses up no quota: %s', async (code) => {
    const { run, onlyRow, book } = createWorld()
    await run({ refusal: new GatewayError(code, 'No.'), answer: failed(code) })
    expect(onlyRow()).toMatchObject({ requests: 1, refusedByLimits: 1 })
    expect(book.usedBy('acme')).toEqual({ requests: 0, costUnits: 0 })
  })

  it.each(['GRAPHQL_PARSE_FAILED', 'COST_ESTIMATED_TOO_EXPENSIVE', 'GATEWAY_TIMEOUT'] as const)(
    'is not what is refused for something else: %s',
    async (code) => {
      const { run, onlyRow, book } = createWorld()
      await run({ refusal: new GatewayError(code, 'No.'), answer: failed(code) })
      expect(onlyRow()).toMatchObject({ requests: 1, refusedByLimits: 0 })
      expect(book.usedBy('acme')).toEqual({ requests: 1, costUnits: 0 })
    },
  )

  it('is not an answer that lacks a limited field', async () => {
    const { run, onlyRow, book } = createWorld()
    await run({ answer: failed('FIELD_RATE_LIMITED'), costUnits: 3 })
    expect(onlyRow()).toMatchObject({ requests: 1, limitedErrors: 1, refusedByLimits: 0 })
    expect(book.usedBy('acme')).toEqual({ requests: 1, costUnits: 3 })
  })
})

function sumOfErrors(row: object | undefined) {
  const errors = Object.entries(row ?? {}).filter(([name, count]) => name.endsWith('Errors') && count !== 0)
  return Object.fromEntries(errors)
}
