/** Response keys from the root of an operation, without list positions. */
export type KeyPath = readonly string[]

/** Says whether one path leads to the other, and both are not the same. */
export function isAbove(one: KeyPath, other: KeyPath): boolean {
  return one.length < other.length && one.every((key, index) => key === other[index])
}

export function isSamePath(one: KeyPath, other: KeyPath): boolean {
  return one.length === other.length && one.every((key, index) => key === other[index])
}
