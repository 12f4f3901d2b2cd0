import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createPostgresApiKeyStore } from '../../../src/infra/postgres-api-key-store.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { itKeepsApiKeys, storedKey } from '../../support/api-key-store-cases.js'
import { describeWithPostgres, startPostgres, type TestPostgres } from '../../support/start-postgres.js'

const open = (databaseUrl: string, timeoutMs = 5_000) =>
  createPostgresApiKeyStore({ databaseUrl, timeoutMs }, SILENT_LOGGER)

describeWithPostgres('API keys in PostgreSQL', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  itKeepsApiKeys(() => open(server.url))

  it('get their tables from whoever comes first, also when several come at once', async () => {
    const url = await server.createDatabase('fresh')
    const stores = Array.from({ length: 8 }, () => open(url))
    await Promise.all(stores.map((store, number) => store.add(storedKey(`k-${String(number)}`))))
    expect(await stores[0]?.list()).toHaveLength(8)
    await Promise.all(stores.map((store) => store.close()))
  })

  it('are served by an account that may only read', async () => {
    const url = await server.createDatabase('guarded')
    const owner = open(url)
    await owner.add(storedKey('a'))
    await server.query(
      `create role reader login; grant usage on schema gatehouse to reader;
       grant select on all tables in schema gatehouse to reader`,
      url,
    )
    const reader = open(url.replace('gatehouse@', 'reader@'))
    expect(await reader.find('a')).toMatchObject({ id: 'a' })
    expect((await reader.changesSince(undefined)).changed).toBe('all')
    await expect(reader.add(storedKey('b'))).rejects.toThrow(/permission denied/)
    await Promise.all([owner.close(), reader.close()])
  })

  it('of tables that were made anew are told apart from those of before', async () => {
    const url = await server.createDatabase('restored')
    const store = open(url)
    await store.add(storedKey('a'))
    const { mark } = await store.changesSince(undefined)
    await server.query('drop schema gatehouse cascade', url)
    const other = open(url)
    await other.add(storedKey('b'))
    expect((await store.changesSince(mark)).changed).toBe('all')
    await Promise.all([store.close(), other.close()])
  })

  it('a writer who waits for another one gives up in time, and then nothing is changed', async () => {
    const url = await server.createDatabase('locked')
    const [slow, quick] = [open(url), open(url, 200)]
    await slow.add(storedKey('a'))
    const blocker = server.query(
      'begin; update gatehouse.api_key_changes set revision = revision; select pg_sleep(2)',
      url,
    )
    await untilLocked(url)
    await expect(quick.add(storedKey('b'))).rejects.toThrow(/timeout/i)
    await blocker
    expect(await slow.find('b')).toBeUndefined()
    await quick.add(storedKey('b'))
    await Promise.all([slow.close(), quick.close()])
  })

  /** Until the statement that holds the row has come as far as its sleep. */
  async function untilLocked(url: string): Promise<void> {
    for (;;) {
      const rows = await server.query(`select 1 from pg_stat_activity where wait_event = 'PgSleep'`, url)
      if (rows.length > 0) return
    }
  }
})

describe('a database that is not there', () => {
  let mute: Server
  const sockets = new Set<Socket>()
  beforeAll(async () => {
    mute = createServer((socket) => void sockets.add(socket.on('error', () => undefined))).listen(
      0,
      '127.0.0.1',
    )
    await once(mute, 'listening')
  })
  afterAll(() => {
    for (const socket of sockets) socket.destroy()
    mute.close()
  })

  it.each([
    ['refuses connections', () => 'postgres://u@127.0.0.1:1/d'],
    ['says nothing', () => `postgres://u@127.0.0.1:${String((mute.address() as AddressInfo).port)}/d`],
  ])('is given up when it %s', async (_name, url) => {
    const store = open(url(), 200)
    await expect(store.find('a')).rejects.toThrow()
    await expect(store.changesSince(undefined)).rejects.toThrow()
    await store.close()
  })
})
