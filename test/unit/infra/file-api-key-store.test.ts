import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createFileApiKeyStore } from '../../../src/infra/file-api-key-store.js'
import { itKeepsApiKeys, storedKey } from '../../support/api-key-store-cases.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'api-keys-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('API keys in a file', () => {
  itKeepsApiKeys(() => createFileApiKeyStore(join(folder, 'new', 'keys')))

  it('are for their owner only, and nothing is left beside them', () => {
    const directory = join(folder, 'new', 'keys')
    expect(readdirSync(directory)).toEqual(['api-keys.json'])
    expect(statSync(join(directory, 'api-keys.json')).mode & 0o777).toBe(0o600)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
  })

  it('are not guessed at when the file is spoilt: it is named', async () => {
    const store = createFileApiKeyStore(folder)
    for (const text of [
      '',
      '{',
      '[]',
      '{"format":2}',
      '{"format":1,"lineage":"x","revision":0,"keys":[{}]}',
    ]) {
      writeFileSync(join(folder, 'api-keys.json'), text)
      await expect(store.find('a')).rejects.toThrow(/api-keys\.json does not hold API keys any more/)
      await expect(store.add(storedKey('a'))).rejects.toThrow(/api-keys\.json does not hold/)
    }
    rmSync(join(folder, 'api-keys.json'))
    expect(await store.find('a')).toBeUndefined()
  })

  it('that began anew make everybody forget those of before', async () => {
    const store = createFileApiKeyStore(folder)
    await store.add(storedKey('a'))
    const { mark } = await store.changesSince(undefined)
    rmSync(join(folder, 'api-keys.json'))
    expect((await store.changesSince(mark)).changed).toBe('all')
    await store.add(storedKey('b'))
    expect((await store.changesSince(mark)).changed).toBe('all')
  })

  it('wait for a writer, and name the lock that a killed one left', async () => {
    const store = createFileApiKeyStore(folder)
    const lock = join(folder, 'api-keys.json.lock')
    writeFileSync(lock, '')
    await expect(store.add(storedKey('c'))).rejects.toThrow(`${lock} is there`)
    const added = store.add(storedKey('c'))
    rmSync(lock)
    await added
    expect(await store.find('c')).toMatchObject({ id: 'c' })
  })
})
