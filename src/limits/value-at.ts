/** What stands in a value at a path of keys; undefined where the path leads nowhere. */
export function valueAt(value: unknown, [key, ...below]: readonly string[]): unknown {
  if (key === undefined) return value
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, key)
  return isObject ? valueAt(Reflect.get(value, key), below) : undefined
}
