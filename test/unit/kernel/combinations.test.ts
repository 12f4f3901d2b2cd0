import { describe, expect, it } from '@jest/globals'
import { Combinations } from '../../../src/kernel/combinations.js'

describe('what is remembered for combinations of conditions', () => {
  it('is made once for each of them', () => {
    const combinations = new Combinations<object>(2)
    for (const key of ['', '0', '1']) {
      const made = combinations.get(key, () => ({ key }))
      expect(made).toEqual({ key })
      expect(combinations.get(key, () => ({}))).toBe(made)
    }
  })

  it('is what was used last, where there are many', () => {
    const combinations = new Combinations<object>(2)
    const get = (key: string) => combinations.get(key, () => ({}))
    const [first, second] = [get('00'), get('01')]
    expect(get('00')).toBe(first)
    get('10')
    expect(get('00')).toBe(first)
    expect(get('01')).not.toBe(second)
  })

  it('is nothing where making it failed', () => {
    const combinations = new Combinations<object>(2)
    const fail = () => {
      throw new Error('Not now.')
    }
    for (const key of ['', '1']) {
      expect(() => combinations.get(key, fail)).toThrow('Not now.')
      expect(combinations.get(key, () => ({ key }))).toEqual({ key })
    }
  })
})
