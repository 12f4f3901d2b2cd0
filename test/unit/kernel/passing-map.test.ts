import { describe, expect, it } from '@jest/globals'
import { PassingMap } from '../../../src/kernel/passing-map.js'

describe('PassingMap', () => {
  it('gives what is there, in place of what was there, until it leaves', () => {
    const map = new PassingMap<{ readonly name: string }>()
    const [first, second] = [{ name: 'first' }, { name: 'second' }]
    expect(map.get('a')).toBeUndefined()
    map.set('a', first)
    expect(map.get('a')).toBe(first)
    map.set('a', second)
    expect(map.get('a')).toBe(second)
    map.delete('a')
    map.delete('a')
    expect(map.get('a')).toBeUndefined()
  })
})
