import { describe, expect, it } from '@jest/globals'
import { expandReferences } from '../../../src/config/environment.js'

const environment = { PORT: '4100', EMPTY: '', LIST: '10.0.0.1, 10.0.0.2', ON: 'true', ZIP: '01234' }

describe('references to the environment', () => {
  it.each([
    ['${env.PORT}', 4100],
    ['${env.PORT:-1}', 4100],
    ['${env.ABSENT:-4000}', 4000],
    ['${env.EMPTY:-x}', 'x'],
    ['${env.ABSENT:-}', ''],
    ['${env.ON}', true],
    ['${env.ZIP}', '01234'],
    ['http://${env.HOST:-127.0.0.1}:${env.PORT}/graphql', 'http://127.0.0.1:4100/graphql'],
    ['no reference', 'no reference'],
  ])('%s becomes %p', (text, expected) => {
    expect(expandReferences({ a: [{ b: text }] }, environment)).toEqual({ a: [{ b: expected }] })
  })

  it('stand in a list for every value that the variable names', () => {
    expect(expandReferences(['${env.LIST}', 'x', '${env.ABSENT:-}'], environment)).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      'x',
    ])
  })

  it('are reported by name when nothing is set and no default is given', () => {
    const missing: string[] = []
    expandReferences({ a: '${env.ABSENT}', b: '${env.EMPTY}' }, environment, missing)
    expect(missing).toEqual(['ABSENT', 'EMPTY'])
  })
})
