import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { serverAudits } from 'graphql-http'
import type { HttpServer } from '../../../src/http/index.js'
import { createSmallServer } from '../../support/small-server.js'

/** GETs without a header that forces a preflight; CSRF prevention refuses them on purpose. */
const NOTICES_OF_CSRF_PREVENTION = ['5A70', '6A70', 'D6D5']

describe.each(['own', 'apollo'] as const)('the %s front and the GraphQL over HTTP audits', (front) => {
  let server: HttpServer
  let url: string

  beforeAll(async () => {
    server = createSmallServer({ front })
    const listening = await server.listen({ host: '127.0.0.1', port: 0 })
    url = `${listening.url}/graphql`
  })
  afterAll(() => server.close())

  const audited = async (fetchFn: typeof fetch) => {
    const audits = serverAudits({ url, fetchFn })
    const results = await Promise.all(audits.map((audit) => audit.fn()))
    const ids = (status: string) =>
      results
        .filter((result) => result.status === status)
        .map(({ id }) => id)
        .sort()
    return { ok: ids('ok'), notice: ids('notice'), warn: ids('warn'), error: ids('error') }
  }

  it('passes all but the three notices that CSRF prevention causes', async () => {
    const { ok, notice, warn, error } = await audited(fetch)
    expect({ notice, warn, error }).toEqual({ notice: NOTICES_OF_CSRF_PREVENTION, warn: [], error: [] })
    expect(ok).toHaveLength(58)
  })

  it('passes all 61 when the client sends a preflight header', async () => {
    const { ok, notice, warn, error } = await audited((input, init) =>
      fetch(input, {
        ...init,
        headers: { ...(init?.headers as object), 'apollo-require-preflight': 'true' },
      }),
    )
    expect({ notice, warn, error }).toEqual({ notice: [], warn: [], error: [] })
    expect(ok).toHaveLength(61)
  })
})
