import { describe, expect, it } from '@jest/globals'
import { chooseRequestId } from '../../../src/http/request-id.js'

const FRESH = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe('chooseRequestId', () => {
  it.each(['12345678', 'a'.repeat(128), 'trace_1.2-3X'])('keeps %p', (incoming) => {
    expect(chooseRequestId(incoming)).toBe(incoming)
  })

  it.each([undefined, '', '1234567', 'a'.repeat(129), 'with space', 'line\nbreak', 'äöüäöüäöü', '<script>1'])(
    'replaces %p',
    (incoming) => {
      expect(chooseRequestId(incoming)).toMatch(FRESH)
    },
  )
})
