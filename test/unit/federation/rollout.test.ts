import { afterAll, describe, expect, it } from '@jest/globals'
import { createPlanning, type Planning } from '../../../src/federation/index.js'
import { createRollout, type Chooser } from '../../../src/federation/planning/rollout.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { makeOptions, makeRecord, shop } from './graphs.js'

/** A field that moves from `old` to `new` under each kind of label. */
const moving = makeSupergraph([
  {
    name: 'old',
    typeDefs: 'type Query { five: Int  fifty: Int  never: Int  all: Int  flag: Int  other: Int  still: Int }',
  },
  {
    name: 'new',
    typeDefs: `type Query {
      five: Int @override(from: "old", label: "percent(5)")
      fifty: Int @override(from: "old", label: "percent(50)")
      never: Int @override(from: "old", label: "percent(0)")
      all: Int @override(from: "old", label: "percent(100)")
      flag: Int @override(from: "old", label: "flag")
      other: Int @override(from: "old", label: "other")
    }`,
  },
])

const user = (key: string, requestId = 'request-1'): Chooser => ({ principal: { key }, requestId })
const users = Array.from({ length: 2_000 }, (_, index) => user(`user/acme/u-${index}`))

function rolloutOf(overrides: object, supergraph: Supergraph = moving, warnings: object[] = []) {
  const logger = { ...SILENT_LOGGER, warn: (facts: object) => void warnings.push(facts) }
  return createRollout(makeOptions({ overrides }).overrides, { supergraph, logger })
}

const share = (choosers: readonly Chooser[], isIn: (chooser: Chooser) => boolean): number =>
  choosers.filter(isIn).length / choosers.length

describe('a rollout', () => {
  it('has one choice where there is nothing to choose', () => {
    const { choose, choices } = rolloutOf({}, shop)
    expect(choose(user('a'))).toBe(choose(user('b')))
    expect(choices).toEqual([choose(user('a'))])
  })

  it('lets so many percent in, the same ones every time, and more at a higher percentage', () => {
    const { choose } = rolloutOf({})
    const isIn = (percent: number) => (chooser: Chooser) => choose(chooser).percentage < percent
    expect(share(users, isIn(5))).toBeCloseTo(0.05, 1)
    expect(share(users, isIn(50))).toBeCloseTo(0.5, 1)
    expect(share(users, isIn(0))).toBe(0)
    expect(share(users, isIn(100))).toBe(1)
    expect(users.filter(isIn(5)).every(isIn(50))).toBe(true)
    const again = rolloutOf({})
    expect(users.every((one) => again.choose(one).key === choose(one).key)).toBe(true)
    expect(users.every((one) => choose({ ...one, requestId: 'another' }) === choose(one))).toBe(true)
  })

  it('sticks to requests where that is wanted', () => {
    const { choose } = rolloutOf({ stickTo: 'request' })
    const requests = Array.from({ length: 2_000 }, (_, index) => user('user/acme/u-1', `request-${index}`))
    expect(share(requests, (one) => choose(one).percentage < 50)).toBeCloseTo(0.5, 1)
  })

  it('switches names by configuration, each percentage drawn on its own', () => {
    expect(rolloutOf({ labels: { flag: true } }).choose(user('a')).names).toEqual(new Set(['flag']))
    expect(rolloutOf({ labels: { flag: false } }).choose(user('a')).names).toEqual(new Set())
    expect(rolloutOf({ labels: { flag: 100, other: 0 } }).choose(user('a')).names).toEqual(new Set(['flag']))
    const { choose } = rolloutOf({ labels: { flag: 50, other: 50 } })
    const has = (name: string) => (chooser: Chooser) => choose(chooser).names.has(name)
    expect(share(users, has('flag'))).toBeCloseTo(0.5, 1)
    expect(share(users.filter(has('flag')), has('other'))).toBeCloseTo(0.5, 1)
    expect(share(users, (one) => choose(one).percentage < 50 === has('flag')(one))).toBeCloseTo(0.5, 1)
  })

  it('has nobody in a percentage where nobody asks', () => {
    const { outside } = rolloutOf({ labels: { flag: true, other: 99 } })
    expect(outside).toMatchObject({ names: new Set(['flag']), percentage: 100 })
  })

  it('warns of labels that the supergraph does not have', () => {
    const warnings: object[] = []
    rolloutOf({ labels: { flag: true, falg: true } }, moving, warnings)
    expect(warnings).toEqual([{ labels: ['falg'] }])
  })

  it('leaves percent(…) to the schema', () => {
    expect(() => makeOptions({ overrides: { labels: { 'percent(5)': true } } })).toThrow('percent(…)')
  })
})

describe.each(['native', 'apollo'] as const)('overrides with a label, planned by %s', (planner) => {
  const opened: Planning[] = []

  async function planWith(overrides: object): Promise<Planning> {
    const planning = await createPlanning(makeOptions({ planner, overrides }), {
      supergraph: moving,
      logger: SILENT_LOGGER,
    })
    opened.push(planning)
    return planning
  }

  afterAll(() => Promise.all(opened.map((planning) => planning.close())))

  async function askedFor(field: string, planning: Planning, chooser: Chooser = user('a')): Promise<unknown> {
    const { plan } = await planning.plan(makeRecord(`{ ${field} }`), chooser)
    return plan.node?.kind === 'Fetch' ? plan.node.subgraph : plan.node
  }

  it('ask the new subgraph for all or for nobody', async () => {
    const planning = await planWith({ labels: { flag: true } })
    for (const chooser of users.slice(0, 20)) {
      expect(await askedFor('never', planning, chooser)).toBe('old')
      expect(await askedFor('all', planning, chooser)).toBe('new')
      expect(await askedFor('flag', planning, chooser)).toBe('new')
      expect(await askedFor('other', planning, chooser)).toBe('old')
    }
  })

  it('ask each subgraph for half of the callers, always for the same', async () => {
    const planning = await planWith({ labels: { flag: 50 } })
    for (const field of ['fifty', 'flag']) {
      const asked = await Promise.all(users.slice(0, 200).map((one) => askedFor(field, planning, one)))
      expect(asked.filter((subgraph) => subgraph === 'new').length / 200).toBeCloseTo(0.5, 0.5)
      expect(new Set(asked)).toEqual(new Set(['old', 'new']))
      expect(await Promise.all(users.slice(0, 200).map((one) => askedFor(field, planning, one)))).toEqual(
        asked,
      )
    }
  })

  it('are warmed for every side', async () => {
    const planning = await planWith({ labels: { flag: 50 } })
    const record = makeRecord('{ flag fifty }')
    await planning.warm([record])
    for (const one of users.slice(0, 50)) {
      const permitted = { permitted: record, variables: {}, ...one }
      expect(planning.stage.run(permitted as never)).not.toBeInstanceOf(Promise)
    }
  })
})
