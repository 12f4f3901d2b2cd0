import { describe, expect, it } from '@jest/globals'
import { EventStreamParser } from '../../../../src/upstream/events/event-stream-parser.js'

function read(chunks: readonly (string | Buffer)[], maxBytes = 1_000) {
  const events: [string, string][] = []
  let outgrown = 0
  const parser = new EventStreamParser(maxBytes, {
    event: (name, data) => events.push([name, data]),
    outgrown: () => (outgrown += 1),
  })
  for (const chunk of chunks) parser.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
  return { events, outgrown }
}

describe('an event stream', () => {
  it('is read whatever its line ends, comments and unknown fields', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = [
        '\ufeff: hello',
        'id: 1',
        'event: next',
        'data: {"a":',
        'data:1}',
        'retry: 5',
        '',
        ': beat',
        '',
        'event: complete',
        'data',
        '',
        '',
      ]
      expect(read([text.join(end)]).events).toEqual([
        ['next', '{"a":\n1}'],
        ['complete', ''],
      ])
    }
  })

  it('is the same however it is cut into chunks, between bytes of a character too', () => {
    const bytes = Buffer.from('event: next\r\ndata: {"name":"Žižek ☃ 𝒜"}\r\n\r\nevent: next\rdata: 2\r\r')
    const whole = read([bytes]).events
    expect(whole).toEqual([
      ['next', '{"name":"Žižek ☃ 𝒜"}'],
      ['next', '2'],
    ])
    for (let size = 1; size < bytes.length; size += 1) {
      const chunks = []
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
      expect(read(chunks).events).toEqual(whole)
    }
  })

  it('ends where an event, a line or a comment is longer than allowed, and holds nothing afterwards', () => {
    const more = 'event: next\ndata: late\n\n'
    for (const long of [`data: ${'x'.repeat(101)}\n`, `: ${'x'.repeat(101)}`, 'data: 12345\n'.repeat(20)]) {
      expect(read([long, more], 100)).toEqual({ events: [], outgrown: 1 })
    }
    const pieces = Array.from({ length: 200 }, () => 'x')
    expect(read([...pieces, more], 100)).toEqual({ events: [], outgrown: 1 })
  })

  it('goes on through any number of comments that are short', () => {
    const comments = Array.from({ length: 10_000 }, () => ': beat\n\n')
    expect(read([...comments, 'event: next\ndata: 1\n\n'], 100).events).toEqual([['next', '1']])
  })
})
