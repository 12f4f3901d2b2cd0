import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createFileUsageStore } from '../../../src/infra/file-usage-store.js'
import { createMemoryUsageStore } from '../../../src/infra/memory-usage-store.js'
import { createUsageOutbox } from '../../../src/infra/usage-outbox.js'
import { itKeepsUsage, usageRow } from '../../support/usage-store-cases.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'usage-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ALL = { from: '0001-01-01', to: '9999-12-31' }

describe('usage in memory', () => {
  const store = createMemoryUsageStore()
  itKeepsUsage(() => store)
})

describe('usage in files', () => {
  itKeepsUsage(() => createFileUsageStore(join(folder, 'new', 'usage')))

  it('is for its owner only: a file for each day and instance, and nothing beside them', () => {
    const directory = join(folder, 'new', 'usage')
    const names = readdirSync(directory)
    expect(names.filter((name) => !/^\d{4}-\d\d-\d\d\.[\da-f-]{36}\.json$/.test(name))).toEqual([])
    expect(names.filter((name) => name.startsWith('2026-11-26'))).toHaveLength(5)
    expect(statSync(join(directory, names[0] ?? '')).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
  })

  it('writes a batch that failed half way once more, and counts each of its days once', async () => {
    const directory = join(folder, 'blocked')
    const store = createFileUsageStore(directory)
    const instance = randomUUID()
    const rows = [usageRow({ day: '2026-11-27' }), usageRow({ day: '2026-11-28' })]
    // A folder cannot be replaced by a file.
    const obstacle = join(directory, `2026-11-28.${instance}.json`)
    await store.add({ instance, sequence: 1, rows })
    rmSync(obstacle)
    mkdirSync(obstacle)
    await expect(store.add({ instance, sequence: 2, rows })).rejects.toThrow()
    rmSync(obstacle, { recursive: true })
    await store.add({ instance, sequence: 2, rows })
    await store.add({ instance, sequence: 2, rows })
    expect(await createFileUsageStore(directory).list(ALL)).toEqual(
      rows.map((row) => ({ ...row, requests: 2 })),
    )
  })

  it('reads files of an earlier version, which knew fewer counts', async () => {
    const directory = join(folder, 'earlier')
    mkdirSync(directory)
    const earlier = { ...usageRow({ requests: 7 }), refusedByLimits: undefined, events: undefined }
    writeFileSync(
      join(directory, '2026-11-27.a.json'),
      JSON.stringify({ format: 1, sequence: 1, rows: [earlier] }),
    )
    expect(await createFileUsageStore(directory).list(ALL)).toEqual([
      usageRow({ requests: 7, refusedByLimits: 0, events: 0 }),
    ])
  })

  it('names a file that is spoilt', async () => {
    const directory = join(folder, 'spoilt')
    mkdirSync(directory)
    for (const text of ['', '{', '[]', '{"format":2}', '{"format":1,"sequence":1,"rows":[{}]}']) {
      writeFileSync(join(directory, '2026-11-27.a.json'), text)
      await expect(createFileUsageStore(directory).list(ALL)).rejects.toThrow(
        /2026-11-27\.a\.json does not hold usage any more/,
      )
    }
  })

  it('sees what another process has written since, and what it deleted', async () => {
    const directory = join(folder, 'shared')
    const [one, other] = [createFileUsageStore(directory), createFileUsageStore(directory)]
    const instance = randomUUID()
    for (const sequence of [1, 2, 3]) {
      await one.add({ instance, sequence, rows: [usageRow()] })
      expect(await other.monthTotals('2026-11', ['acme'])).toEqual(
        new Map([['acme', { requests: sequence, costUnits: 0 }]]),
      )
    }
    await one.forgetBefore('2026-12-01')
    expect(await other.list(ALL)).toEqual([])
  })

  it('forgets what a writer that was killed left of days that are over', async () => {
    const directory = join(folder, 'drafts')
    mkdirSync(directory)
    for (const day of ['2020-01-01', '2020-01-02'])
      writeFileSync(join(directory, `${day}.a.json.7.partial`), '{')
    writeFileSync(join(directory, 'unsent.a.json.7.partial'), '{')
    await createFileUsageStore(directory).forgetBefore('2020-01-02')
    expect(readdirSync(directory)).toEqual(['2020-01-02.a.json.7.partial', 'unsent.a.json.7.partial'])
  })

  it('reads on when another process deletes a day meanwhile', async () => {
    const directory = join(folder, 'forgotten')
    const store = createFileUsageStore(directory)
    await store.add({ instance: randomUUID(), sequence: 1, rows: [usageRow()] })
    // A name with nothing behind it, as it is between the reading of names and that of files.
    symlinkSync('deleted', join(directory, '2026-11-26.a.json'))
    expect(await store.list(ALL)).toEqual([usageRow()])
    expect([...(await store.monthTotals('2026-11', ['acme'])).keys()]).toEqual(['acme'])
  })
})

describe('the outbox of usage', () => {
  it('hands over what was put into it, once, in order', async () => {
    const outbox = createUsageOutbox(join(folder, 'outbox'))
    const instance = randomUUID()
    const batches = [1, 2].map((sequence) => ({ instance, sequence, rows: [usageRow()] }))
    await outbox.sendAll(() => Promise.reject(new Error('there is nothing to send')))
    await outbox.put([])
    await outbox.put(batches)
    const sent: unknown[] = []
    const keep = (batch: unknown) => Promise.resolve(void sent.push(batch))
    await outbox.sendAll(keep)
    await outbox.sendAll(keep)
    expect(sent).toEqual(batches)
  })

  it('hands over what it can read beside what it cannot, and says so each time', async () => {
    const directory = join(folder, 'half')
    const outbox = createUsageOutbox(directory)
    const batch = { instance: 'b', sequence: 1, rows: [usageRow()] }
    await outbox.put([batch])
    writeFileSync(join(directory, 'unsent.a.json'), '{')
    // Not to be read as a file.
    mkdirSync(join(directory, 'unsent.c.json'))
    const sent: unknown[] = []
    const send = (each: unknown) => Promise.resolve(void sent.push(each))
    await expect(outbox.sendAll(send)).rejects.toThrow(/unsent\.a\.json does not hold usage any more/)
    expect(sent).toEqual([batch])
    rmSync(join(directory, 'unsent.a.json'))
    await expect(outbox.sendAll(send)).rejects.toThrow('EISDIR')
    expect([sent, readdirSync(directory)]).toEqual([[batch], ['unsent.c.json']])
  })

  it('keeps everything while it cannot be sent', async () => {
    const directory = join(folder, 'kept')
    const outbox = createUsageOutbox(directory)
    await outbox.put([{ instance: randomUUID(), sequence: 1, rows: [usageRow()] }])
    await expect(outbox.sendAll(() => Promise.reject(new Error('away')))).rejects.toThrow('away')
    expect(readdirSync(directory)).toHaveLength(1)
  })
})
