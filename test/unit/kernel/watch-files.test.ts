import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { fingerprint, watchFiles } from '../../../src/kernel/watch-files.js'
import { eventually } from '../../support/eventually.js'

describe('files that are watched', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-watch-'))
    file = join(folder, 'a')
    writeFileSync(file, 'one')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  /** In its place a link that leads to itself: it cannot be looked at, though it is there. */
  const spoil = (): void => {
    rmSync(file)
    symlinkSync(file, file)
  }

  it('have another state when they change, go, and can no longer be looked at', () => {
    const states = [fingerprint([file])]
    writeFileSync(file, 'another')
    states.push(fingerprint([file]))
    spoil()
    states.push(fingerprint([file]))
    rmSync(file)
    states.push(fingerprint([file]))

    expect(new Set(states).size).toBe(4)
  })

  it('may become such and come back while they are watched', async () => {
    let changes = 0
    const stop = watchFiles(
      () => [file],
      1,
      () => (changes += 1),
    )
    try {
      spoil()
      await eventually(
        () => changes,
        (seen) => seen >= 1,
      )
      rmSync(file)
      writeFileSync(file, 'two')
      await eventually(
        () => changes,
        (seen) => seen >= 2,
      )
    } finally {
      stop()
    }
  })
})
