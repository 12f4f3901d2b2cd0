import { describe, expect, it } from '@jest/globals'
import { Deadline } from '../../../src/kernel/deadline.js'

describe('Deadline', () => {
  it('counts down on the clock it was given', () => {
    let now = 1_000
    const deadline = new Deadline(500, () => now)
    expect(deadline.remainingMs()).toBe(500)
    expect(deadline.ended).toBeUndefined()
    now = 1_500
    expect(deadline.ended).toBe('deadline')
  })

  it('tells every listener once, and a late listener at once', () => {
    const deadline = new Deadline(500)
    const heard: string[] = []
    const forget = deadline.onEnd((reason) => heard.push(`forgotten ${reason}`))
    deadline.onEnd((reason) => heard.push(`first ${reason}`))
    forget()
    forget()
    deadline.end('client-left')
    deadline.end('shutdown')
    expect(deadline.remainingMs()).toBe(0)
    deadline.onEnd((reason) => heard.push(`late ${reason}`))
    expect(heard).toEqual(['first client-left', 'late client-left'])
  })

  it.each([
    ['client-left', 'REQUEST_CANCELLED'],
    ['deadline', 'GATEWAY_TIMEOUT'],
    ['shutdown', 'SHUTTING_DOWN'],
  ] as const)('refuses further work after %s with %s', (reason, code) => {
    const deadline = new Deadline(500)
    deadline.end(reason)
    expect(() => deadline.assertOpen()).toThrow(expect.objectContaining({ code }))
  })
})
