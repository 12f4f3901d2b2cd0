import { describe, expect, it } from '@jest/globals'
import { createKeyHashing } from '../../../../src/identity/api-keys/key-hashing.js'
import {
  inventKeyId,
  inventSecret,
  isKeyId,
  readKeyText,
  writeKeyText,
} from '../../../../src/identity/api-keys/key-text.js'
import { PEPPER } from './key-world.js'

const hashing = createKeyHashing(PEPPER)

function inventText() {
  const unsealed = { id: inventKeyId(), secret: inventSecret() }
  return { ...unsealed, seal: hashing.seal(unsealed) }
}

describe('the text of a key', () => {
  it('is read as it was written', () => {
    const text = inventText()
    expect(writeKeyText(text)).toMatch(/^ghk_[0-9A-Za-z]{12}_[0-9A-Za-z]{51}$/)
    expect(readKeyText(writeKeyText(text))).toEqual(text)
    expect(isKeyId(text.id)).toBe(true)
  })

  it('has a secret of at least 256 bits, all characters of which occur equally', () => {
    const secrets = Array.from({ length: 2_000 }, inventSecret)
    expect(new Set(secrets).size).toBe(secrets.length)
    expect((secrets[0]?.length ?? 0) * Math.log2(62)).toBeGreaterThanOrEqual(256)
    const counts = new Map<string, number>()
    for (const character of secrets.join('')) counts.set(character, (counts.get(character) ?? 0) + 1)
    const mean = (2_000 * 43) / 62
    expect(counts.size).toBe(62)
    // Seven standard deviations: a character that bytes modulo 62 would favour is a quarter above the mean.
    for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(7 * Math.sqrt(mean))
  })

  const good = writeKeyText(inventText())
  it.each([
    ['nothing', ''],
    ['the prefix alone', 'ghk_'],
    ['another prefix', good.replace('ghk_', 'ghp_')],
    ['the prefix in capitals', good.replace('ghk_', 'GHK_')],
    ['a space before', ` ${good}`],
    ['a space behind', `${good} `],
    ['a line break behind', `${good}\n`],
    ['a NUL behind', `${good}\0`],
    ['one character less', good.slice(0, -1)],
    ['one character more', `${good}A`],
    ['padding', `${good}=`],
    ['a scheme before', `Bearer ${good}`],
    ['quotes around', `"${good}"`],
    ['percent encoding', good.replace('_', '%5F')],
    ['a hyphen for the underscore', good.replaceAll('_', '-')],
    ['full-width digits', `${good.slice(0, -1)}１`],
    ['an accented letter', `${good.slice(0, -1)}é`],
    ['two keys', `${good}, ${good}`],
    ['no id', good.replace(/_[^_]+_/, '__')],
    ['SQL in the place of the id', `ghk_' or '1'='1'_${good.slice(17)}`],
    ['SQL as long as an id', `ghk_x' or 1=1 --_${good.slice(17)}`.replace("x' or 1=1 --", "x'or'1'='1--")],
    ['a path in the place of the id', `ghk_../../../etc_${good.slice(17)}`],
    ['a megabyte', `ghk_${'A'.repeat(1_000_000)}`],
    ['a name of every object', '__proto__'],
  ])('is not that of %s', (_name, text) => {
    expect(readKeyText(text)).toBeUndefined()
  })
})

describe('the hash of a secret', () => {
  const text = inventText()
  it('depends on pepper, id, secret and seal', () => {
    const digests = [
      hashing.digest(text),
      createKeyHashing(`${PEPPER}!`).digest(text),
      hashing.digest({ ...text, id: inventKeyId() }),
      hashing.digest({ ...text, secret: inventSecret() }),
      hashing.digest({ ...text, seal: '00000000' }),
    ].map((digest) => digest.toString('hex'))
    expect(new Set(digests).size).toBe(5)
    expect(hashing.digest(text).toString('hex')).toBe(digests[0])
    expect(digests[0]).toHaveLength(64)
  })

  it('is not told by the seal, which holds for the very text only', () => {
    expect(hashing.isSealed(text)).toBe(true)
    expect(hashing.isSealed({ ...text, secret: inventSecret() })).toBe(false)
    expect(hashing.isSealed({ ...text, id: inventKeyId() })).toBe(false)
    expect(hashing.isSealed({ ...text, seal: '00000000' })).toBe(false)
    expect(createKeyHashing(`${PEPPER}!`).isSealed(text)).toBe(false)
  })
})
