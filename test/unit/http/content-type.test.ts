import { describe, expect, it } from '@jest/globals'
import { assertJsonContentType } from '../../../src/http/content-type.js'

describe('assertJsonContentType', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset="UTF-8"',
    'application/json \t; charset=utf-8',
    'application/json; profile=x',
  ])('takes %p', (contentType) => {
    expect(() => {
      assertJsonContentType(contentType)
    }).not.toThrow()
  })

  it.each([
    undefined,
    '',
    'application/json x',
    'application/json, text/plain',
    'application/jsonp',
    ' application/json',
    'application\t/json',
    'text/plain',
    'text/plain; application/json',
    'application/graphql',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json;',
    'application/json; charset',
    'application/json; charset=utf-8 x',
    'application/json; charset=utf-8; charset=utf-7',
    ...[
      'utf-7',
      'utf-16',
      'utf-16le',
      'utf-16be',
      'utf-32',
      'utf8',
      'latin1',
      'iso-8859-1',
      'us-ascii',
      'shift_jis',
      'x'.repeat(5_000),
    ].map((charset) => `application/json; charset=${charset}`),
  ])('refuses %p', (contentType) => {
    expect(() => {
      assertJsonContentType(contentType)
    }).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_MEDIA_TYPE' }))
  })
})
