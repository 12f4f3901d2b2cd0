import { describe, expect, it } from '@jest/globals'
import { Kind } from 'graphql'
import { createPlanKeys } from '../../../src/kernel/plan-keys.js'

function field(name: string, alias?: string) {
  const node = (value: string) => ({ kind: Kind.NAME, value }) as const
  return alias === undefined ? { name: node(name) } : { name: node(name), alias: node(alias) }
}

describe('the keys of plans', () => {
  const planKey = createPlanKeys(new Set(['id', 'weight', '__typename']), ['id', 'weight', 'name'])

  it('are the client’s where nothing can be mistaken', () => {
    expect(planKey(field('id'))).toBe('id')
    expect(planKey(field('id', 'id'))).toBe('id')
    expect(planKey(field('name', 'title'))).toBe('title')
    expect(planKey(field('__typename'))).toBe('__typename')
    expect(planKey(field('__typename', 'kind'))).toBe('__typename')
  })

  it('keep aliases away from fields that planners read', () => {
    expect(planKey(field('name', 'id'))).toBe('client_id')
    expect(planKey(field('name', '__typename'))).toBe('client___typename')
  })

  it('never meet, whatever clients call their fields', () => {
    expect(planKey(field('name', 'client_id'))).toBe('client_client_id')
    const taken = createPlanKeys(new Set(['id']), ['id', 'client_id'])
    expect(taken(field('name', 'id'))).toBe('client__id')
    expect(taken(field('client_id'))).toBe('client_id')
  })
})
