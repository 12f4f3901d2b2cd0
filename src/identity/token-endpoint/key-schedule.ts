import type { SigningKey } from './signing-key.js'

/** When keys come and go, in seconds. */
export interface KeySchedule {
  readonly rotateSeconds: number
  readonly publishAheadSeconds: number
}

/**
 * How long a key stays published after it has signed its last token: the longest life of one, the largest clock
 * tolerance, and a minute for clocks of instances that differ.
 */
const KEEP_SECONDS = 3_600 + 60 + 60

/** The key that signs now: the latest one whose time has come. */
export function signingKeyOf(keys: readonly SigningKey[], nowSeconds: number): SigningKey | undefined {
  return keys.findLast(({ signsFrom }) => signsFrom <= nowSeconds) ?? keys[0]
}

/** Leaves out the keys whose last token has expired. Expects them oldest first. */
export function withoutExpired(keys: readonly SigningKey[], nowSeconds: number): readonly SigningKey[] {
  return keys.filter((_key, index) => {
    const successor = keys[index + 1]
    return successor === undefined || nowSeconds < successor.signsFrom + KEEP_SECONDS
  })
}

/**
 * From when the next key is to sign, once it is time to publish it; undefined before that.
 *
 * Never sooner than the time that it must be published first, also when nobody has rotated for long: until then
 * the last key goes on.
 */
export function nextKeySignsFrom(
  keys: readonly SigningKey[],
  { rotateSeconds, publishAheadSeconds }: KeySchedule,
  nowSeconds: number,
): number | undefined {
  const last = keys.at(-1)
  if (last === undefined) return nowSeconds
  const planned = last.signsFrom + rotateSeconds
  return nowSeconds < planned - publishAheadSeconds
    ? undefined
    : Math.max(planned, nowSeconds + publishAheadSeconds)
}
