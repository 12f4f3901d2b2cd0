/** Keys and list positions from the root of an answer; `@` stands for every position of a list. */
export type ResponsePath = readonly (string | number)[]

/** Says whether one path leads to the other, or both to the same place. */
export function isAboveOrBelow(one: ResponsePath, other: ResponsePath): boolean {
  const length = Math.min(one.length, other.length)
  for (let index = 0; index < length; index += 1) {
    if (!isSameStep(one[index], other[index])) return false
  }
  return true
}

function isSameStep(one: string | number | undefined, other: string | number | undefined): boolean {
  return (
    one === other || (one === '@' && typeof other === 'number') || (other === '@' && typeof one === 'number')
  )
}
