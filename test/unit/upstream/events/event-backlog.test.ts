import { describe, expect, it } from '@jest/globals'
import { GatewayError } from '../../../../src/kernel/gateway-error.js'
import { EventBacklog } from '../../../../src/upstream/events/event-backlog.js'

const FAULT = new GatewayError('SUBREQUEST_TIMEOUT', 'It is silent.')
const reply = (text: string) => ({ text, data: {}, errors: [], cachePolicy: undefined })

function create(limits = { maxEvents: 2, maxCharacters: 100 }) {
  return new EventBacklog(limits, (text) => (text === 'bad' ? FAULT : reply(text)))
}

describe('the backlog of a subscription', () => {
  it('gives events in order, to a reader who waits and to one who comes later', async () => {
    const backlog = create()
    const first = backlog.next()
    backlog.add('1')
    backlog.add('2')
    expect(await first).toEqual(reply('1'))
    expect(await backlog.next()).toEqual(reply('2'))
  })

  it('takes no more than it may hold, by number and by length, but always one', async () => {
    const backlog = create()
    expect([backlog.add('1'), backlog.add('2'), backlog.add('3')]).toEqual([true, true, false])
    const byLength = create({ maxEvents: 9, maxCharacters: 10 })
    expect([byLength.add('x'.repeat(50)), byLength.add('y')]).toEqual([true, false])
    await byLength.next()
    expect(byLength.add('y'.repeat(9))).toBe(true)
  })

  it('says what ended it behind what had come, and says it once', async () => {
    const backlog = create()
    backlog.add('1')
    backlog.end(FAULT)
    backlog.end(undefined)
    expect(await backlog.next()).toEqual(reply('1'))
    await expect(backlog.next()).rejects.toBe(FAULT)
    expect(await backlog.next()).toBeUndefined()
  })

  it('ends at an event that cannot be read', async () => {
    const backlog = create()
    backlog.add('bad')
    backlog.add('2')
    await expect(backlog.next()).rejects.toBe(FAULT)
    expect(await backlog.next()).toBeUndefined()
  })

  it('lets a reader go who waits', async () => {
    const backlog = create()
    const waiting = backlog.next()
    backlog.drop()
    expect(await waiting).toBeUndefined()
    expect(backlog.isEnded).toBe(true)
  })
})
