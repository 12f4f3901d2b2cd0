import { createHmac } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { HmacSha256 } from '../../../src/contract/hmac-sha256.js'

const bytes = (hex: string, times: number) => Buffer.from(hex.repeat(times), 'hex').toString('latin1')

describe('HmacSha256', () => {
  // §4.2 and §4.3; the keys of the other vectors are no text.
  it.each([
    [
      'Jefe',
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [bytes('0b', 20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  ])('gives the code of RFC 4231 for %j', (key, text, code) => {
    expect(new HmacSha256(key).hex(text)).toBe(code)
  })

  it('equals createHmac for any key and text, one after the other', () => {
    const key = fc.string({ unit: 'binary', maxLength: 200 })
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constant('ü'.repeat(1_365)),
      fc.constant('ü'.repeat(1_366)),
    )
    fc.assert(
      fc.property(key, fc.array(text, { minLength: 1, maxLength: 4 }), (secret, texts) => {
        const code = new HmacSha256(secret)
        for (const each of texts) {
          expect(code.hex(each)).toBe(createHmac('sha256', secret).update(each).digest('hex'))
        }
      }),
    )
  })
})
