import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto'
import { SEAL_CHARACTERS, toKeyCharacters, type KeyText } from './key-text.js'

type Unsealed = Pick<KeyText, 'id' | 'secret'>

/** What is done with the pepper; the pepper itself stays inside. */
export interface KeyHashing {
  /**
   * What the store keeps of a secret: of the id as well, so that no digest serves under another key, and of the
   * seal, so that a key that is remembered has one spelling, too.
   */
  readonly digest: (text: KeyText) => Buffer
  readonly seal: (text: Unsealed) => string
  readonly isSealed: (text: KeyText) => boolean
}

/**
 * Hashes secrets under the pepper (HMAC-SHA256), and seals the texts of keys.
 *
 * A plain hash would do against reading, for the secrets are random; under a pepper, whoever can write to the store
 * cannot make keys either. The seal lets an invented text be refused without asking the store: a million of them
 * cost it nothing, and fill no memory. It proves nothing else; the digest does.
 */
export function createKeyHashing(pepper: string): KeyHashing {
  const root = createSecretKey(Buffer.from(pepper, 'utf8'))
  // One key for each purpose: what is learned from seals says nothing of digests.
  const digestKey = createSecretKey(hmac(root, 'api key digest'))
  const sealKey = createSecretKey(hmac(root, 'api key seal'))
  const seal = (text: Unsealed): string =>
    toKeyCharacters(hmac(sealKey, join(text)).subarray(0, SEAL_CHARACTERS))
  return {
    digest: (text) => hmac(digestKey, join(text) + text.seal),
    seal,
    isSealed: (text) => timingSafeEqual(Buffer.from(seal(text)), Buffer.from(text.seal)),
  }
}

function hmac(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** Neither part can hold the separator. */
function join({ id, secret }: Unsealed): string {
  return `${id}_${secret}`
}
