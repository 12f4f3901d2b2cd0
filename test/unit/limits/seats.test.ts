import { describe, expect, it } from '@jest/globals'
import { createSeats } from '../../../src/limits/index.js'
import { limitsOptions } from '../../../src/limits/options.js'
import { ANONYMOUS, makeContext, makePrincipal } from './make-context.js'

const toOptions = (concurrency: object) => limitsOptions.parse({ concurrency }).concurrency
const user = (name: string) => makeContext({ principal: makePrincipal({ key: `user:${name}` }) })

describe('the places of operations in flight', () => {
  it('are so many for each caller, and free again when one leaves', () => {
    const seats = createSeats(toOptions({ perCaller: { free: 2 } }))
    const first = seats.take(user('ann'))
    seats.take(user('ann'))
    const refused = user('ann')
    expect(() => seats.take(refused)).toThrow(
      expect.objectContaining({ code: 'REQUEST_CONCURRENCY_LIMITED', status: 503 }),
    )
    expect(refused.responseHead.get('retry-after')).toBe('1')
    expect(seats.take(user('ben'))).toBeDefined()
    first?.leave()
    expect(seats.take(user('ann'))).toBeDefined()
    expect(() => seats.take(user('ann'))).toThrow('The caller has too many operations in flight.')
  })

  it('are so many for all together', () => {
    const seats = createSeats(toOptions({ overall: 2, perCaller: { anonymous: 5 } }))
    const from = (address: string) => makeContext({ principal: ANONYMOUS, client: { address } })
    const first = seats.take(from('192.0.2.1'))
    seats.take(from('192.0.2.2'))
    expect(() => seats.take(from('192.0.2.3'))).toThrow('The gateway has too many operations in flight.')
    first?.leave()
    expect(seats.take(from('192.0.2.3'))).toBeDefined()
  })

  it('take other numbers into force while they are in use', () => {
    const seats = createSeats(toOptions({ perCaller: { free: 1 } }))
    seats.take(user('ann'))
    expect(() => seats.take(user('ann'))).toThrow()
    seats.use(toOptions({ perCaller: { free: 2 } }))
    expect(seats.take(user('ann'))).toBeDefined()
    seats.use(toOptions({ enabled: false }))
    expect(seats.take(user('ann'))).toBeUndefined()
  })

  it('do not remember everybody who ever came', () => {
    const seats = createSeats(toOptions({}))
    for (let name = 0; name < 50_000; name += 1) seats.take(user(String(name)))?.leave()
    expect(seats.size()).toBeLessThanOrEqual(4_096)
  })
})
