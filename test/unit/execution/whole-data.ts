import type { RawObject } from '../../../src/kernel/fetch-outcome.js'

/** The data with every entity's fields in the objects on which it hangs, as one tree that tests can compare. */
export function wholeData(value: unknown, isObjectType: (name: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((element) => wholeData(element, isObjectType))
  if (typeof value !== 'object' || value === null) return value
  const whole: RawObject = {}
  const hanging = Object.getOwnPropertySymbols(value).flatMap((slot) => {
    const entity: unknown = Reflect.get(value, slot)
    return typeof entity === 'object' && entity !== null ? [entity] : []
  })
  for (const object of [value, ...hanging]) {
    for (const [key, field] of Object.entries(object)) {
      const isKnown = Object.hasOwn(whole, key) && whole[key] !== null
      if (isKnown && (field === null || (key === '__typename' && !isObjectType(String(field))))) continue
      const part = wholeData(field, isObjectType)
      Object.defineProperty(whole, key, { value: part, enumerable: true, writable: true, configurable: true })
    }
  }
  return whole
}
