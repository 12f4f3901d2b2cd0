import { randomBytes } from 'node:crypto'

/** Names the kind of secret to people and to scanners that look for leaked ones. */
export const KEY_PREFIX = 'ghk_'

/** 71 bits: no two keys of one store share an id. */
const ID_CHARACTERS = 12
/** Of 62 each: 256 bits, the strength of the hash. */
const SECRET_CHARACTERS = 43
export const SEAL_CHARACTERS = 8

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID = new RegExp(`^[0-9A-Za-z]{${String(ID_CHARACTERS)}}$`)
const FORM = new RegExp(
  `^${KEY_PREFIX}([0-9A-Za-z]{${String(ID_CHARACTERS)}})_` +
    `([0-9A-Za-z]{${String(SECRET_CHARACTERS)}})([0-9A-Za-z]{${String(SEAL_CHARACTERS)}})$`,
)

/** The parts of a key's text. */
export interface KeyText {
  /** Shown in logs and lists. */
  readonly id: string
  readonly secret: string
  /** Shows that the text was made with our pepper; see `key-hashing.ts`. */
  readonly seal: string
}

/**
 * Reads the text of a key, `ghk_<id>_<secret and seal>`; undefined for anything else.
 *
 * Fixed lengths and one alphabet without separators: a key has one spelling, and what is not one costs a look.
 */
export function readKeyText(text: string): KeyText | undefined {
  const [, id, secret, seal] = FORM.exec(text) ?? []
  return id === undefined || secret === undefined || seal === undefined ? undefined : { id, secret, seal }
}

/** Writes a key as its owner gets to see it, once. */
export function writeKeyText({ id, secret, seal }: KeyText): string {
  return `${KEY_PREFIX}${id}_${secret}${seal}`
}

/** Says whether a text can be the id of a key. */
export function isKeyId(text: string): boolean {
  return ID.test(text)
}

export function inventKeyId(): string {
  return randomText(ID_CHARACTERS)
}

export function inventSecret(): string {
  return randomText(SECRET_CHARACTERS)
}

/** Writes bytes in the alphabet of keys; the first characters are a little likelier, which a seal may be. */
export function toKeyCharacters(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join('')
}

/** Every character equally likely: bytes beyond the last multiple of 62 are thrown away. */
function randomText(length: number): string {
  const fair = 256 - (256 % ALPHABET.length)
  let text = ''
  while (text.length < length) {
    const bytes = randomBytes(length).filter((byte) => byte < fair)
    text += toKeyCharacters(bytes.subarray(0, length - text.length))
  }
  return text
}
