import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { revocationsOptions } from '../../../../src/identity/revocations/options.js'
import { RevocationList } from '../../../../src/identity/revocations/revocation-list.js'
import { SILENT_LOGGER, type Logger } from '../../../../src/kernel/ports/logger.js'
import { refusalOf } from '../identity-world.js'

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

function createWorld(text: string | undefined, options: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-revocations-'))
  folders.push(folder)
  const file = join(folder, 'revoked.txt')
  const logged: string[] = []
  const logger: Logger = { ...SILENT_LOGGER, error: (_facts, message) => void logged.push(message) }
  const write = (content: string) => {
    writeFileSync(`${file}.new`, content)
    renameSync(`${file}.new`, file)
  }
  if (text !== undefined) write(text)
  const list = new RevocationList(revocationsOptions.parse({ file, ...options }), logger)
  return { list, file, write, logged }
}

const token = { tokenId: 't-1', subject: 'u-1', issuedAtSeconds: 1_000 }
const codeOf = async (list: RevocationList, named: object = {}) =>
  (await refusalOf(Promise.resolve().then(() => list.assertGood({ ...token, ...named })))).code

describe('a list of revocations', () => {
  it('names tokens by id, and by subject up to the second of a time', async () => {
    const { list } = createWorld('jti:t-2\nsub:u-2@1000')
    await list.refresh()

    list.assertGood(token)
    list.assertGood({ ...token, tokenId: undefined })
    list.assertGood({ ...token, subject: 'u-2', issuedAtSeconds: 1_001 })
    expect(await codeOf(list, { tokenId: 't-2' })).toBe('UNAUTHENTICATED')
    expect(await codeOf(list, { subject: 'u-2' })).toBe('UNAUTHENTICATED')
    expect(await codeOf(list, { subject: 'u-2', tokenId: undefined, issuedAtSeconds: 999.5 })).toBe(
      'UNAUTHENTICATED',
    )
  })

  it('is read again when the file was replaced, or written in place', async () => {
    const { list, write, file } = createWorld('')
    await list.refresh()
    list.assertGood(token)
    write('jti:t-1')
    await list.refresh()
    expect(await codeOf(list)).toBe('UNAUTHENTICATED')

    writeFileSync(file, 'jti:t-9')
    await list.refresh()
    list.assertGood(token)
    expect(await codeOf(list, { tokenId: 't-9' })).toBe('UNAUTHENTICATED')
  })

  it.each([
    ['is gone', (file: string) => rmSync(file)],
    ['holds a line that is none', (file: string) => writeFileSync(file, 'jti:t-5\nrevoke everything')],
    ['is longer than allowed', (file: string) => writeFileSync(file, 'jti:1\njti:2\njti:3\njti:4')],
    ['is larger than allowed', (file: string) => writeFileSync(file, '#'.repeat(4_000))],
  ])('stays as it was when the file %s, which health shows', async (_name, spoil) => {
    const { list, file, write, logged } = createWorld('jti:t-1', { maxEntries: 3 })
    await list.refresh()
    spoil(file)
    await list.refresh()
    await list.refresh()

    expect(await codeOf(list)).toBe('UNAUTHENTICATED')
    list.assertGood({ ...token, tokenId: 't-5' })
    expect(list.health()).toMatchObject({ state: 'degraded', required: true })
    expect(logged).toEqual(['revocation list cannot be read'])

    write('jti:t-5')
    await list.refresh()
    list.assertGood(token)
    expect(list.health().state).toBe('up')
  })

  it('that was never read lets nobody in by a token', async () => {
    const { list, write } = createWorld(undefined)
    await list.refresh()

    expect(await codeOf(list)).toBe('IDENTITY_UNAVAILABLE')
    expect(list.health()).toMatchObject({ state: 'down', required: true })
    write('')
    await list.refresh()
    list.assertGood(token)
  })
})
