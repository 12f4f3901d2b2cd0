import DataLoader from 'dataloader'

/**
 * A loader that finds rows by key in one statement, whatever order and number the database returns.
 *
 * Keys without a row give null.
 */
export function createRowLoader<Key, Row>(
  find: (keys: readonly Key[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => Key,
): DataLoader<Key, Row | null> {
  return new DataLoader(async (keys) => {
    const rows = new Map((await find(keys)).map((row) => [keyOf(row), row]))
    return keys.map((key) => rows.get(key) ?? null)
  })
}

/** A loader that finds a list of rows per key in one statement. Keys without rows give an empty list. */
export function createListLoader<Key, Row>(
  find: (keys: readonly Key[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => Key,
): DataLoader<Key, readonly Row[]> {
  return new DataLoader(async (keys) => {
    const lists = groupBy(await find(keys), keyOf)
    return keys.map((key) => lists.get(key) ?? [])
  })
}

/** A field of one parent with arguments that all parents of the same selection share. */
export interface FieldKey<Arguments> {
  readonly parentId: string
  readonly arguments: Arguments
}

/**
 * A loader for fields with arguments: keys with equal arguments go into one call of `find`.
 *
 * An operation that selects the field once for k parents therefore makes one statement; one that selects it
 * under two aliases with different arguments makes two.
 */
export function createFieldLoader<Arguments, Value>(
  find: (parentIds: readonly string[], fieldArguments: Arguments) => Promise<ReadonlyMap<string, Value>>,
  absent: Value,
): DataLoader<FieldKey<Arguments>, Value, string> {
  return new DataLoader<FieldKey<Arguments>, Value, string>(
    async (keys) => {
      const groups = [...groupBy(keys, (key) => JSON.stringify(key.arguments)).values()]
      const found = new Map<FieldKey<Arguments>, Value>()
      await Promise.all(
        groups.map(async (group) => {
          const [first] = group
          if (first === undefined) return
          const values = await find(
            group.map((key) => key.parentId),
            first.arguments,
          )
          for (const key of group) found.set(key, values.get(key.parentId) ?? absent)
        }),
      )
      return keys.map((key) => found.get(key) ?? absent)
    },
    { cacheKeyFn: (key) => JSON.stringify([key.parentId, key.arguments]) },
  )
}

/** Collects `items` under their keys; Map.groupBy needs a newer Node than we ask for. */
export function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}
