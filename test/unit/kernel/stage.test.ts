import { describe, expect, it } from '@jest/globals'
import { andThen, andThenWith, followedBy, isPromise, type Stage } from '../../../src/kernel/stage.js'

const double = (value: number) => value * 2
const refuse = (): never => {
  throw new Error('refused')
}

describe('going on with a value', () => {
  it('is done at once where it is there', () => {
    expect(andThen(2, double)).toBe(4)
    expect(() => andThen(2, refuse)).toThrow('refused')
  })

  it('waits for a promise, and for no longer', async () => {
    const doubled = andThen(Promise.resolve(2), double)
    expect(isPromise(doubled)).toBe(true)
    expect(await doubled).toBe(4)
    await expect(andThen(Promise.resolve(2), refuse)).rejects.toThrow('refused')
    await expect(andThen(Promise.reject(new Error('away')), double)).rejects.toThrow('away')
  })

  it('hands on what is given beside it, either way', async () => {
    const list = (...all: unknown[]) => all.join()
    const place = (value: number, given: string, also: boolean) => list(value, given, also)
    expect(andThenWith(2, place, 'of', true)).toBe('2,of,true')
    expect(await andThenWith(Promise.resolve(2), place, 'of', true)).toBe('2,of,true')
    const pair = (value: number, given: string) => list(value, given)
    expect(andThenWith(2, pair, 'of')).toBe('2,of')
    expect(await andThenWith(Promise.resolve(2), pair, 'of')).toBe('2,of')
    await expect(andThenWith(Promise.resolve(2), refuse, 'of')).rejects.toThrow('refused')
  })
})

describe('a stage with something after it', () => {
  const plan = (run: Stage<number, number>['run']): Stage<number, number> => ({ name: 'plan', run })

  it('keeps its name, and answers at once where it does', async () => {
    expect(followedBy(plan(double), double)).toMatchObject({ name: 'plan' })
    expect(followedBy(plan(double), double).run(1)).toBe(4)
    const slow = followedBy(
      plan((value) => Promise.resolve(double(value))),
      double,
    ).run(1)
    expect(isPromise(slow)).toBe(true)
    expect(await slow).toBe(4)
  })

  it('does nothing after a refusal', () => {
    let asked = 0
    const counted = followedBy(plan(refuse), () => (asked += 1))
    expect(() => counted.run(1)).toThrow('refused')
    expect(asked).toBe(0)
  })
})
