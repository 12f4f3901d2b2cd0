import { describe, expect, it } from '@jest/globals'
import { parseValue } from 'graphql'
import { hasVariable } from '../../../src/kernel/has-variable.js'

describe('a written value', () => {
  it.each(['$a', '[1, $a]', '{ a: { b: [[$c]] } }'])('has a variable: %s', (text) => {
    expect(hasVariable(parseValue(text))).toBe(true)
  })

  it.each(['1', 'null', '"$a"', 'A', '[]', '{ a: { b: [["$c"]] } }'])('has none: %s', (text) => {
    expect(hasVariable(parseValue(text))).toBe(false)
  })
})
