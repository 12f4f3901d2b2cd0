import { describe, expect, it } from '@jest/globals'
import { createSmallGeneration } from '../../support/small-generation.js'
import { createSmallServer } from '../../support/small-server.js'

const QUERY = encodeURIComponent('{ greeting }')
const MUTATION = JSON.stringify({ query: 'mutation { count }' })

describe.each(['own', 'apollo'] as const)('cross-site requests on the %s front', (front) => {
  const { generation, seen } = createSmallGeneration()
  const server = createSmallServer({ front }, { current: () => generation })

  it.each([
    ['GET with nothing', 'GET', {}, 400, 'CSRF_ERROR'],
    ['GET as text/plain', 'GET', { 'content-type': 'text/plain' }, 400, 'CSRF_ERROR'],
    ['GET as a form', 'GET', { 'content-type': 'application/x-www-form-urlencoded' }, 400, 'CSRF_ERROR'],
    [
      'GET as multipart',
      'GET',
      { 'content-type': 'multipart/form-data; boundary=x' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    ['GET with an odd type', 'GET', { 'content-type': 'message/x' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['GET with an empty header', 'GET', { 'apollo-require-preflight': '' }, 400, 'CSRF_ERROR'],
    ['POST as text/plain', 'POST', { 'content-type': 'text/plain' }, 400, 'CSRF_ERROR'],
    [
      'POST as text/plain with JSON behind',
      'POST',
      { 'content-type': 'text/plain; application/json' },
      400,
      'CSRF_ERROR',
    ],
    ['POST as a form', 'POST', { 'content-type': 'application/x-www-form-urlencoded' }, 400, 'CSRF_ERROR'],
    [
      'POST as multipart',
      'POST',
      { 'content-type': 'multipart/form-data; boundary=x' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'POST as text/plain after a preflight',
      'POST',
      { 'content-type': 'text/plain', 'apollo-require-preflight': '1' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'POST overridden',
      'POST',
      { 'content-type': 'text/plain', 'x-http-method-override': 'GET' },
      400,
      'CSRF_ERROR',
    ],
  ] as const)('refuses %s', async (_name, method, headers, status, code) => {
    const response = await server.inject(
      method === 'GET'
        ? { url: `/graphql?query=${QUERY}`, headers }
        : { method, url: '/graphql', headers, payload: MUTATION },
    )
    expect(response.json().errors[0].extensions.code).toBe(code)
    expect(response.statusCode).toBe(status)
    expect(seen.received).toHaveLength(0)
  })

  it.each([
    { 'apollo-require-preflight': '1' },
    { 'x-apollo-operation-name': 'A' },
    { 'content-type': 'application/json' },
  ])('admits GET with %p', async (headers) => {
    const before = seen.received.length
    const response = await server.inject({ url: `/graphql?query=${QUERY}`, headers })
    expect(response.statusCode).toBe(200)
    expect(seen.received).toHaveLength(before + 1)
    seen.received = []
  })
})

describe('other origins', () => {
  const preflight = (origin: string) => ({
    method: 'OPTIONS' as const,
    url: '/graphql',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  })

  it('are localhost only outside production', async () => {
    const server = createSmallServer()
    const local = await server.inject(preflight('http://localhost:5173'))
    const foreign = await server.inject(preflight('https://evil.example'))
    const lookalike = await server.inject(preflight('http://localhost.evil.example'))

    expect(local.statusCode).toBe(204)
    expect(local.headers).toMatchObject({
      'access-control-allow-origin': 'http://localhost:5173',
      'access-control-allow-headers': 'content-type',
    })
    expect(local.headers).not.toHaveProperty('access-control-allow-credentials')
    for (const refused of [foreign, lookalike]) {
      expect(refused.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })

  it('are nobody in production, and OPTIONS is then just another method', async () => {
    const response = await createSmallServer({}, { production: true }).inject(
      preflight('http://localhost:5173'),
    )
    expect(response.statusCode).toBe(405)
    expect(response.headers.allow).toBe('GET, HEAD, POST')
    expect(response.headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('are those of the list, exactly', async () => {
    const server = createSmallServer({ cors: { origins: ['https://shop.example'] } }, { production: true })
    const listed = await server.inject(preflight('https://shop.example'))
    const other = await server.inject(preflight('https://shop.example.evil'))
    expect(listed.headers['access-control-allow-origin']).toBe('https://shop.example')
    expect(other.headers).not.toHaveProperty('access-control-allow-origin')
  })
})
