import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { LineBatch } from '../../../src/infra/line-batch.js'

describe('a batch of lines', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  const collect = () => {
    const handedOn: string[] = []
    return { handedOn, batch: new LineBatch((lines) => handedOn.push(lines)) }
  }

  it('hands on together what came within a moment, in order', () => {
    const { handedOn, batch } = collect()
    batch.add('one\n')
    batch.add('two\n')
    expect(handedOn).toEqual([])
    jest.advanceTimersByTime(10)
    expect(handedOn).toEqual(['one\ntwo\n'])
    batch.add('three\n')
    jest.advanceTimersByTime(10)
    expect(handedOn).toEqual(['one\ntwo\n', 'three\n'])
  })

  it('does not grow beyond a size', () => {
    const { handedOn, batch } = collect()
    const line = `${'x'.repeat(999)}\n`
    for (let count = 0; count < 100; count += 1) batch.add(line)
    batch.flush()
    expect(handedOn.length).toBeGreaterThan(2)
    expect(handedOn.join('')).toBe(line.repeat(100))
  })

  it('hands on at once when it is asked to, and nothing twice', () => {
    const { handedOn, batch } = collect()
    batch.add('one\n')
    batch.flush()
    batch.flush()
    jest.advanceTimersByTime(10)
    expect(handedOn).toEqual(['one\n'])
  })
})
