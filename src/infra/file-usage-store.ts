import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { UsageBatch, UsageStore } from '../kernel/ports/usage-store.js'
import { toMonthTotals, UsageSums } from '../kernel/usage-sums.js'
import { monthOf, type UsageRow } from '../kernel/usage.js'
import { replaceFile } from './replace-file.js'
import { parseUsageFile, type UsageFile } from './usage-file.js'
import { namesIn, stampOf, whereThere } from './where-there.js'

/** `2026-11-27.<instance>.json` */
const NAME = /^(\d{4}-\d{2}-\d{2})\.[\w-]+\.json$/
/** The same, and drafts of it by a writer that was killed. */
const NAME_OR_DRAFT = /^(\d{4}-\d{2}-\d{2})\.[\w-]+\.json(?:\.\d+\.partial)?$/

/** What one instance has counted on one day, and how far it stands in the file. */
interface OwnDay {
  readonly path: string
  readonly sums: UsageSums
  sequence: number
  isWritten: boolean
}

/**
 * Keeps usage in a folder, for use without a database: one file for each day and instance.
 *
 * No file has two writers, so that nothing has to be locked and a killed gateway leaves no lock behind; whoever
 * reads adds them up. A file is replaced whole, and holds the number of the last batch that is part of it.
 */
export function createFileUsageStore(directory: string): UsageStore {
  let own = new Map<string, OwnDay>()
  const read = createReader(directory)

  const openDay = async (day: string, instance: string): Promise<OwnDay> => {
    const path = join(directory, `${day}.${instance}.json`)
    const known = own.get(path)
    if (known !== undefined) return known
    const { sequence, rows } = (await readWhereThere(path)) ?? { sequence: 0, rows: [] }
    return { path, sums: new UsageSums(rows), sequence, isWritten: true }
  }
  const addDay = async (day: string, rows: readonly UsageRow[], batch: UsageBatch): Promise<OwnDay> => {
    const opened = await openDay(day, batch.instance)
    own.set(opened.path, opened)
    if (batch.sequence > opened.sequence) {
      opened.sums.add(rows)
      opened.sequence = batch.sequence
      opened.isWritten = false
    }
    if (!opened.isWritten) {
      await replaceFile(
        opened.path,
        JSON.stringify({ format: 1, sequence: opened.sequence, rows: [...opened.sums] }),
      )
      opened.isWritten = true
    }
    return opened
  }
  return {
    add: async (batch) => {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const written = new Map<string, OwnDay>()
      for (const [day, rows] of byDay(batch.rows)) {
        const kept = await addDay(day, rows, batch)
        written.set(kept.path, kept)
      }
      // Days that are over are read again in the rare case that something is added to them.
      own = written
    },
    list: async (question) => {
      const files = await read((day) => day >= question.from && day <= question.to)
      return new UsageSums(files.flatMap(({ rows }) => rows)).rows(question)
    },
    monthTotals: async (month, tenants) => {
      const files = await read((day) => monthOf(day) === month)
      return toMonthTotals(
        files.flatMap(({ rows }) => rows),
        month,
        tenants,
      )
    },
    forgetBefore: async (first) => {
      const names = (await namesIn(directory)).filter(
        (name) => (NAME_OR_DRAFT.exec(name)?.[1] ?? first) < first,
      )
      await Promise.all(names.map((name) => rm(join(directory, name), { force: true })))
    },
    close: () => Promise.resolve(),
  }
}

/** Reads the files of some days; from memory those that are the same as last time. */
function createReader(directory: string) {
  let held = new Map<string, { readonly stamp: string; readonly file: UsageFile }>()
  return async (isAsked: (day: string) => boolean): Promise<readonly UsageFile[]> => {
    const found = new Map<string, { readonly stamp: string; readonly file: UsageFile }>()
    for (const name of await namesIn(directory)) {
      const day = NAME.exec(name)?.[1]
      if (day === undefined || !isAsked(day)) continue
      const path = join(directory, name)
      const stamp = await stampOf(path)
      const before = held.get(path)
      const file = before?.stamp === stamp ? before?.file : await readWhereThere(path)
      // Another gateway may have forgotten the day since its name was read.
      if (stamp !== undefined && file !== undefined) found.set(path, { stamp, file })
    }
    held = found
    return [...found.values()].map(({ file }) => file)
  }
}

async function readWhereThere(path: string): Promise<UsageFile | undefined> {
  const text = await whereThere(readFile(path, 'utf8'), undefined)
  return text === undefined ? undefined : parseUsageFile(text, path)
}

function byDay(rows: readonly UsageRow[]): ReadonlyMap<string, readonly UsageRow[]> {
  const days = new Map<string, UsageRow[]>()
  for (const row of rows) days.set(row.day, [...(days.get(row.day) ?? []), row])
  return days
}
