/** Quotas that a reload changes, as the clients of a serving gateway meet them. */
import { describe, expect, it } from '@jest/globals'
import { createRecordingSubgraph, startGateway, stopAfterEach } from '../../support/embedded-gateway.js'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import { createSignedIn } from '../../support/signed-in.js'

const { issuer, createToken } = createSignedIn()

stopAfterEach()

async function createWorld(usage: object) {
  const subgraph = await createRecordingSubgraph({ open: 'hello' })
  const configOf = (changed: object) => ({
    identity: { issuers: [{ ...issuer, audience: undefined }] },
    usage: { enabled: true, flushIntervalMs: 300_000, ...changed },
  })
  const gateway = await startGateway(
    { own: { url: subgraph.url, typeDefs: 'type Query { open: String }' } },
    { config: configOf(usage) },
  )
  const token = createToken()
  const ask = async () => {
    const { status, header, errors } = await askGraphql(gateway.url, '{ open }', { token })
    const quota = { left: header('x-quota-remaining'), limit: header('x-quota-limit') }
    return { status, ...quota, warning: header('x-quota-warning'), code: errors[0]?.extensions.code }
  }
  const reload = (changed: object) => gateway.reload(configOf(changed))
  return { ask, reload }
}

const free = (requestsPerMonth: number) => ({ quotas: { free: { requestsPerMonth } } })

describe('a reload', () => {
  it('changes a quota, and what was counted stays counted', async () => {
    const { ask, reload } = await createWorld(free(10))
    for (const left of ['9', '8', '7']) expect(await ask()).toMatchObject({ limit: '10', left })
    expect(await reload(free(3))).toMatchObject({
      status: 200,
      body: { changed: ['usage.quotas.free.requestsPerMonth'], restartNeeded: [] },
    })
    expect(await ask()).toMatchObject({ status: 429, code: 'QUOTA_EXCEEDED', limit: '3', left: '0' })
    await reload(free(20))
    expect(await ask()).toMatchObject({ status: 200, limit: '20', left: '16' })
  })

  it('gives a quota where there was none, which begins with what is kept of this month', async () => {
    const { ask, reload } = await createWorld({})
    for (const asked of [await ask(), await ask(), await ask()])
      expect(asked).toMatchObject({ status: 200, limit: null })
    expect((await reload(free(50))).body).toMatchObject({ changed: ['usage.quotas.free.requestsPerMonth'] })
    const first = await ask()
    expect(first.limit).toBe('50')
    let asked = 4
    const unknown = async () => {
      asked += 1
      return 50 - asked - Number((await ask()).left)
    }
    expect(await eventually(unknown, (requests) => requests === 0)).toBe(0)
  })

  it('takes a quota away, and one that comes back knows what was used meanwhile', async () => {
    const { ask, reload } = await createWorld(free(10))
    expect([(await ask()).left, (await ask()).left]).toEqual(['9', '8'])
    await reload({})
    expect([(await ask()).left, (await ask()).limit]).toEqual([null, null])
    await reload(free(10))
    expect(await ask()).toMatchObject({ left: '5' })
  })

  it('changes from when on answers warn', async () => {
    const { ask, reload } = await createWorld(free(10))
    expect((await ask()).warning).toBeNull()
    expect((await reload({ ...free(10), warnAt: 0.2 })).body).toMatchObject({ changed: ['usage.warnAt'] })
    expect((await ask()).warning).toBe('"requests"; used=2; limit=10')
  })

  it('names what needs a restart, and keeps naming it', async () => {
    const { ask, reload } = await createWorld(free(10))
    const changed = { ...free(5), flushIntervalMs: 1_000, directory: 'usage', retentionDays: 90 }
    const restartNeeded = ['usage.directory', 'usage.flushIntervalMs', 'usage.retentionDays']
    expect((await reload(changed)).body).toMatchObject({
      changed: ['usage.quotas.free.requestsPerMonth'],
      restartNeeded,
    })
    expect(await ask()).toMatchObject({ limit: '5' })
    expect((await reload(changed)).body).toMatchObject({ changed: [], restartNeeded })
  })

  it('names quotas as needing a restart where nothing is counted', async () => {
    const { ask, reload } = await createWorld({ enabled: false })
    expect((await reload(free(5))).body).toMatchObject({
      changed: [],
      restartNeeded: ['usage.enabled', 'usage.quotas.free.requestsPerMonth'],
    })
    expect(await ask()).toMatchObject({ status: 200, limit: null })
  })

  it('that is refused leaves quotas as they are', async () => {
    const { ask, reload } = await createWorld(free(10))
    expect(await reload({ ...free(3), warnAt: 2 })).toMatchObject({
      status: 409,
      body: { code: 'RELOAD_REFUSED', findings: [expect.stringContaining('usage.warnAt')] },
    })
    expect(await ask()).toMatchObject({ limit: '10' })
  })
})
