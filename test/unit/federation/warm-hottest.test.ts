import { afterEach, describe, expect, it } from '@jest/globals'
import { validate, parse } from 'graphql'
import { createPlanning, type Planning } from '../../../src/federation/index.js'
import { warmTexts } from '../../../src/federation/planning/warm-texts.js'
import type { Charged } from '../../../src/kernel/contexts.js'
import { Deadline } from '../../../src/kernel/deadline.js'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { makeOptions, makeRecord } from './graphs.js'

const before = makeSupergraph([
  {
    name: 'shop',
    typeDefs: 'type Query { product(id: ID): Product  gone: Int }  type Product { name: String }',
  },
])
const after = makeSupergraph([
  {
    name: 'shop',
    typeDefs: 'type Query { product(id: ID): Product }  type Product { name: String  size: Int }',
  },
])

const opened: Planning[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((planning) => planning.close()))
})

interface World {
  readonly planning: Planning
  readonly log: readonly object[]
  /** Plans as a request does; true where the plan was there. */
  readonly ask: (source: string) => Promise<boolean>
}

async function createWorld(supergraph: Supergraph, planCache: object = {}): Promise<World> {
  const log: object[] = []
  const logger = { ...SILENT_LOGGER, info: (facts: object) => void log.push(facts) }
  const planning = await createPlanning(makeOptions({ planCache }), { supergraph, logger })
  opened.push(planning)
  return {
    planning,
    log,
    ask: async (source) => {
      const context = { permitted: makeRecord(source), variables: {}, deadline: new Deadline(10_000) }
      const planned = planning.stage.run(context as Charged)
      await planned
      return !(planned instanceof Promise)
    },
  }
}

function resolveOn({ apiSchema }: Supergraph): (text: string) => OperationRecord {
  return (text) => {
    const [finding] = validate(apiSchema, parse(text))
    if (finding) throw finding
    return makeRecord(text)
  }
}

describe('the hottest operations', () => {
  it('are planned anew for the next supergraph, as far as they fit it', async () => {
    const old = await createWorld(before)
    for (const id of [1, 2, 3]) await old.ask(`{ product(id: ${id}) { name } }`)
    for (let times = 0; times < 2; times += 1) await old.ask('{ gone }')
    await old.ask('{ other: gone }')

    const next = await createWorld(after)
    await next.planning.warmHottest(old.planning.hottest(), resolveOn(after))
    expect(next.log).toEqual([{ planned: 1, unfit: 1, unplannable: 0, outOfTime: 0 }])
    expect(await next.ask('{ product(id: 4) { name } }')).toBe(true)
    expect(await next.ask('{ product(id: 4) { size } }')).toBe(false)
  })

  it('are those asked for most often, no more than the option says, and stay so for one supergraph more', async () => {
    const old = await createWorld(before, { warmHottest: 2 })
    const times = { '{ gone }': 2, '{ b: gone }': 4, '{ c: gone }': 3, '{ d: gone }': 1 }
    for (const [source, count] of Object.entries(times)) {
      for (let asked = 0; asked < count; asked += 1) await old.ask(source)
    }
    const hottest = old.planning.hottest()
    expect(hottest.map((text) => text.replace(/\s+/g, ' '))).toEqual(['{ b: gone }', '{ c: gone }'])
    const next = await createWorld(before)
    await next.planning.warmHottest(hottest, resolveOn(before))
    expect([...next.planning.hottest()].sort()).toEqual([...hottest].sort())
  })

  it('are none where nothing was asked for again, which nobody has to know', async () => {
    const old = await createWorld(before)
    await old.ask('{ gone }')
    const next = await createWorld(before)
    await next.planning.warmHottest(old.planning.hottest(), resolveOn(before))
    expect(next.log).toEqual([])
  })

  it('are left alone when the time is over, and when they cannot be planned', async () => {
    let now = 0
    const kept: string[] = []
    const report = await warmTexts(['bad', 'fails', 'a', 'b', 'c'], {
      resolve: (text) => {
        if (text === 'bad') throw new Error('not valid')
        return { ...makeRecord('{ a }'), source: text }
      },
      keepPlan: async ({ source }) => {
        now += 10
        if (source === 'fails') throw new Error('no plan')
        kept.push(source)
      },
      limitMs: 25,
      now: () => now,
    })
    expect(report).toEqual({ planned: 2, unfit: 1, unplannable: 1, outOfTime: 1 })
    expect(kept).toEqual(['a', 'b'])
  })
})

describe('listed operations', () => {
  it('are planned ahead, as far as they fit, in what is left of the time', async () => {
    const sources = ['{ product(id: 1) { name } }', '{ gone }', '{ product(id: 2) { size } }']
    const next = await createWorld(after)
    await next.planning.warmListed(sources, resolveOn(after), 0)
    expect(next.log).toEqual([{ planned: 2, unfit: 1, unplannable: 0, outOfTime: 0 }])
    expect(await next.ask('{ product(id: 3) { size } }')).toBe(true)

    const late = await createWorld(after, { warmMs: 1_000 })
    await late.planning.warmListed(sources, resolveOn(after), 1_000)
    expect(late.log).toEqual([{ planned: 0, unfit: 0, unplannable: 0, outOfTime: 3 }])
  })
})
