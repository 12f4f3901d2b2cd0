import type { ApiKeyStore, StoredApiKey } from '../../../../src/kernel/ports/api-key-store.js'

/** A store that a test can count, stop and hold back. */
export interface FakeStore extends ApiKeyStore {
  /** Ids that were looked up, in order. */
  readonly lookups: string[]
  /** Whether it answers at all. */
  broken: boolean
  /** How often changes were asked for. */
  polls: number
  /** Lookups read now and answer when the test says so. */
  readonly holdBack: () => { readonly release: () => void }
}

/** Keeps keys in this process, in the order of their changes. */
export function createFakeStore(): FakeStore {
  const keys = new Map<string, StoredApiKey>()
  const changes: string[] = []
  let held: Promise<void> | undefined
  const assertAnswers = () => {
    if (store.broken) throw new Error('the test has switched it off')
  }
  const store: FakeStore = {
    lookups: [],
    broken: false,
    polls: 0,
    holdBack() {
      let release = (): void => undefined
      held = new Promise((resolve) => {
        release = () => {
          held = undefined
          resolve()
        }
      })
      return { release: () => release() }
    },
    async find(id) {
      store.lookups.push(id)
      assertAnswers()
      const found = keys.get(id)
      await held
      return found
    },
    async list() {
      assertAnswers()
      return [...keys.values()]
    },
    async add(key) {
      assertAnswers()
      keys.set(key.id, key)
      changes.push(key.id)
    },
    async change(id, change) {
      assertAnswers()
      const key = keys.get(id)
      if (key === undefined) return undefined
      const changed = change(key)
      keys.set(id, changed)
      changes.push(id)
      return changed
    },
    async changesSince(mark) {
      store.polls += 1
      assertAnswers()
      const changed = mark === undefined ? ('all' as const) : changes.slice(Number(mark))
      return { mark: String(changes.length), changed }
    },
    close: async () => undefined,
  }
  return store
}
