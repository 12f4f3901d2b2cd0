import { describe, expect, it } from '@jest/globals'
import { createLogger } from '../../../src/infra/logger.js'
import { logOptions } from '../../../src/infra/options.js'

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1LTEifQ.c2lnbmF0dXJl'

function write(level: 'debug' | 'info', log: (logger: ReturnType<typeof createLogger>) => void) {
  const lines: string[] = []
  log(createLogger(logOptions.parse({ level }), { write: (line) => void lines.push(line) }))
  return { text: lines.join(''), entries: lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

describe('the log', () => {
  it('writes one JSON object per line: level by name, time in ISO form, facts, sentence', () => {
    const { entries } = write('info', (logger) => {
      logger.debug({}, 'not important enough')
      logger.warn({ requestId: 'r-1', status: 503 }, 'Redis is away.')
    })
    expect(entries).toEqual([
      expect.objectContaining({ level: 'warn', requestId: 'r-1', status: 503, msg: 'Redis is away.' }),
    ])
    expect(entries[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  it('shows no secret, wherever and under whatever spelling it stands', () => {
    const { text } = write('info', (logger) => {
      logger.info({ headers: { Authorization: 'Bearer sesame-1', 'X-API-Key': 'sesame-2' } }, 'headers')
      logger.info({ a: [{ b: { 'set-cookie': ['id=sesame-3'], cookie: 'sesame-4' } }] }, 'deep')
      logger.info({ headers: new Headers({ authorization: 'sesame-5' }) }, 'platform headers')
      logger.info({ access_token: 'sesame-6', clientSecret: 'sesame-7' }, 'tokens')
      logger.info({ note: 'got Bearer sesame-8-long-enough' }, `refused ${TOKEN}`)
      logger.error({ url: 'redis://user:sesame-9@127.0.0.1' }, 'no Redis at redis://:sesame-10@127.0.0.1')
      const cause = Object.assign(new Error(`with ${TOKEN}`), { request: { password: 'sesame-11' } })
      logger.error({ err: new Error('outer', { cause }) }, 'fault')
    })
    expect(text).not.toMatch(/sesame/)
    expect(text).not.toContain(TOKEN)
    expect(text.split('[redacted]').length).toBeGreaterThan(10)
  })

  it('shows no API key, whole or cut off, in facts, texts and errors', () => {
    const secret = 'sesame0sesame0sesame0sesame0sesame0sesame0sesame012'
    const key = `ghk_4Qc1Zs90TbXa_${secret}`
    const { text } = write('info', (logger) => {
      logger.info({ note: `sent ${key}.`, url: `/x?key=${key}`, list: [key] }, `refused "${key}"`)
      logger.info({ cut: `before${key.slice(0, 30)}` }, 'cut off')
      logger.error({ err: new Error(`bad key ${key}`), pepper: 'sesame' }, 'fault')
    })
    expect(text).not.toContain('sesame')
    expect(text.match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(7)
  })

  it('keeps of an error its type, message, code and stack, and of its cause the same', () => {
    const { entries } = write('info', (logger) => {
      const cause = Object.assign(new TypeError('inner'), { code: 'ECONNREFUSED' })
      logger.error({ err: new Error('outer', { cause }) }, 'fault')
    })
    expect(entries[0]?.['err']).toMatchObject({
      type: 'Error',
      message: 'outer',
      stack: expect.stringContaining('outer'),
      cause: { type: 'TypeError', message: 'inner', code: 'ECONNREFUSED' },
    })
  })

  it('survives facts that point at themselves', () => {
    const facts: Record<string, unknown> = { name: 'loop' }
    facts['self'] = facts
    const { entries } = write('info', (logger) => logger.info(facts, 'loop'))
    expect(entries[0]).toMatchObject({ name: 'loop' })
  })

  it('writes every kind of value as JSON, and leaves out what JSON does not have', () => {
    const { entries } = write('info', (logger) => {
      const odd = { toJSON: () => 'as it wants' }
      logger.info(
        {
          'a "name"': 'line\nbreak',
          nan: NaN,
          big: 10n,
          yes: true,
          none: null,
          odd,
          list: [1n],
          f: () => 1,
          u: undefined,
        },
        'said "so"',
      )
    })
    expect(entries[0]).toEqual({
      level: 'info',
      time: expect.any(String),
      pid: process.pid,
      'a "name"': 'line\nbreak',
      nan: null,
      big: 10,
      yes: true,
      none: null,
      odd: 'as it wants',
      list: ['1'],
      msg: 'said "so"',
    })
  })

  it('never fails on a fact that cannot be written', () => {
    const unwritable = {
      toJSON: () => {
        throw new Error('no')
      },
    }
    const { entries } = write('info', (logger) => logger.info({ unwritable, status: 200 }, 'still here'))
    expect(entries[0]).toMatchObject({ unwritable: '[unwritable]', status: 200, msg: 'still here' })
  })
})
