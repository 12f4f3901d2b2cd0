/** What every store of API keys must do; run for the file and for PostgreSQL. */
import { expect, it } from '@jest/globals'
import type { ApiKeyChanges, ApiKeyStore, StoredApiKey } from '../../src/kernel/ports/api-key-store.js'

/** A key as the register makes it. */
export function storedKey(id: string, facts: Partial<StoredApiKey> = {}): StoredApiKey {
  const defaults = { name: `key ${id}`, tenant: 'acme', plan: 'free', scopes: ['a', 'b'] } as const
  return { id, ...defaults, createdAtMs: 1_700_000_000_123, secrets: [{ digest: `digest-${id}` }], ...facts }
}

/** What a store tells, in an order of its own; `all` is no list of ids. */
function idsOf({ changed }: ApiKeyChanges): readonly string[] {
  if (changed === 'all') throw new Error('it does not know what changed')
  return [...changed].sort()
}

/** Registers the cases; `open` gives one more access to one store, which is empty at the first case. */
export function itKeepsApiKeys(open: () => ApiKeyStore): void {
  it('finds nothing before anything was added, and tells where it stands', async () => {
    const store = open()
    expect(await store.find('none')).toBeUndefined()
    expect(await store.list()).toEqual([])
    expect(await store.change('none', (key) => key)).toBeUndefined()
    const { mark, changed } = await store.changesSince(undefined)
    expect(changed).toBe('all')
    expect((await store.changesSince(mark)).changed).toEqual([])
    await store.close()
  })

  it('gives back what was added, to others too, the oldest first', async () => {
    const [writer, reader] = [open(), open()]
    const plain = storedKey('plain')
    const full = storedKey('full', {
      name: `odd "name" '; drop table gatehouse.api_keys; -- é 🗝`,
      tenant: "o'tenant",
      plan: 'enterprise',
      scopes: ['order:read', '{"x"}', 'a\\b'],
      createdAtMs: 1_700_000_000_124,
      expiresAtMs: 1_800_000_000_001,
      revokedAtMs: 1_800_000_000_002,
      secrets: [{ digest: 'new' }, { digest: 'old', voidAtMs: 1_750_000_000_003 }],
    })
    expect(await reader.find('plain')).toBeUndefined()
    await writer.add(plain)
    await writer.add(full)
    expect(await reader.find('plain')).toMatchObject(plain)
    expect(await reader.find('full')).toMatchObject(full)
    expect((await reader.find('plain'))?.revokedAtMs).toBeUndefined()
    expect((await reader.list()).map(({ id }) => id)).toEqual(['plain', 'full'])
    await Promise.all([writer.close(), reader.close()])
  })

  it.each(["' or '1'='1", 'plain; --', '%', 'PLAIN', '__proto__', 'plain\u0001'])(
    'finds no key by %j',
    async (id) => {
      const store = open()
      expect(await store.find(id)).toBeUndefined()
      await store.close()
    },
  )

  it('changes a key and tells those who ask what changed since', async () => {
    const [writer, reader] = [open(), open()]
    const { mark } = await reader.changesSince(undefined)
    const revoked = await writer.change('plain', (key) => ({ ...key, revokedAtMs: 5 }))
    expect(revoked).toMatchObject({ id: 'plain', revokedAtMs: 5 })
    await writer.add(storedKey('later'))
    const told = await reader.changesSince(mark)
    expect(idsOf(told)).toEqual(['later', 'plain'])
    expect(await reader.find('plain')).toMatchObject({ revokedAtMs: 5, scopes: ['a', 'b'] })
    expect((await reader.changesSince(told.mark)).changed).toEqual([])
    await Promise.all([writer.close(), reader.close()])
  })

  it('changes nothing when the change is refused, and is free for the next one', async () => {
    const store = open()
    const { mark } = await store.changesSince(undefined)
    const refuse = () => {
      throw new Error('not this one')
    }
    await expect(store.change('plain', refuse)).rejects.toThrow('not this one')
    expect((await store.changesSince(mark)).changed).toEqual([])
    await store.change('plain', (key) => key)
    expect((await store.changesSince(mark)).changed).toEqual(['plain'])
    await store.close()
  })

  it('loses no change of several writers at once', async () => {
    const writers = Array.from({ length: 6 }, open)
    await writers[0]?.add(storedKey('shared', { scopes: [] }))
    const reader = open()
    const { mark } = await reader.changesSince(undefined)
    await Promise.all(
      writers.flatMap((writer, number) => [
        writer.change('shared', (key) => ({
          ...key,
          secrets: [...key.secrets, { digest: `of-${String(number)}` }],
        })),
        writer.add(storedKey(`by-${String(number)}`)),
      ]),
    )
    const shared = await reader.find('shared')
    expect(shared?.secrets.map(({ digest }) => digest).sort()).toEqual(
      ['digest-shared', ...writers.map((_, number) => `of-${String(number)}`)].sort(),
    )
    expect(idsOf(await reader.changesSince(mark))).toEqual(
      ['shared', ...writers.map((_, number) => `by-${String(number)}`)].sort(),
    )
    await Promise.all([...writers, reader].map((store) => store.close()))
  })

  it('misses no change that comes while it is asked', async () => {
    const [writer, reader] = [open(), open()]
    let { mark } = await reader.changesSince(undefined)
    const seen = new Set<string>()
    const names = Array.from({ length: 20 }, (_, number) => `in-between-${String(number)}`)
    const writing = Promise.all(names.map((name) => writer.add(storedKey(name))))
    const look = async () => {
      const told = await reader.changesSince(mark)
      mark = told.mark
      for (const id of idsOf(told)) seen.add(id)
    }
    const during = { isOver: false }
    void writing.then(() => (during.isOver = true))
    while (!during.isOver) await look()
    await look()
    expect([...seen].sort()).toEqual([...names].sort())
    await Promise.all([writer.close(), reader.close()])
  })
}
