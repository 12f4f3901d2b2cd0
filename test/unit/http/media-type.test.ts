import { describe, expect, it } from '@jest/globals'
import { negotiateAnswer, prefersHtml } from '../../../src/http/media-type.js'

const JSON_TYPE = 'application/json'
const GRAPHQL_TYPE = 'application/graphql-response+json'

describe('negotiateAnswer', () => {
  it.each([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    [GRAPHQL_TYPE, GRAPHQL_TYPE],
    ['application/GraphQL-Response+JSON; charset=utf-8', GRAPHQL_TYPE],
    [`${GRAPHQL_TYPE}, application/json;q=0.9`, GRAPHQL_TYPE],
    [`${GRAPHQL_TYPE};q=0.5, application/json;q=0.9`, JSON_TYPE],
    [`${GRAPHQL_TYPE}, application/json`, GRAPHQL_TYPE],
    [`application/json, ${GRAPHQL_TYPE}`, JSON_TYPE],
    [`*/*;q=0.1, ${GRAPHQL_TYPE};q=0.2`, GRAPHQL_TYPE],
    [`application/json;q=0, */*`, GRAPHQL_TYPE],
    ['text/event-stream, multipart/mixed, application/json', JSON_TYPE],
    ['text/event-stream', undefined],
    ['multipart/mixed;deferSpec=20220824', undefined],
    ['text/html', undefined],
    ['application/json;q=0', undefined],
    ['*/*;q=0', undefined],
    ['nonsense', undefined],
    [',,;;q=,', undefined],
  ])('reads %p as %p', (accept, expected) => {
    expect(negotiateAnswer(accept)).toBe(expected)
    expect(negotiateAnswer(accept)).toBe(expected)
  })
})

describe('prefersHtml', () => {
  it.each([
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['text/html', true],
    ['text/html;q=0.1, application/json', false],
    ['*/*', false],
    [undefined, false],
  ])('reads %p as %p', (accept, expected) => {
    expect(prefersHtml(accept)).toBe(expected)
  })
})
