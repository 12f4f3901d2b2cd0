/** Every case of every suite, with the planner that is used by default and with its fallback. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import { checkRun, comparable, expectedOf, knownFault } from './check-case.js'
import { createGraph, type Graph, type PlannerName } from './run-case.js'
import { readSuites, type Case, type Suite } from './suite.js'

const suites = readSuites()

describe.each(suites)('$name', (suite: Suite) => {
  let graph: Graph

  beforeAll(async () => {
    graph = await createGraph(suite)
  })

  afterAll(() => graph.close())

  describe.each(['auto', 'apollo'] as const)('with the planner %s', (planner: PlannerName) => {
    it.each(suite.cases)('$name', async (testCase: Case) => {
      if (planner === 'auto' && testCase.crashes !== undefined) {
        expect(planAlone(graph.supergraph, testCase)).toBe('SIGABRT')
        return
      }
      const run = await graph.run(testCase, planner)
      if (knownFault(testCase, planner) === undefined) checkRun(run, testCase, planner)
      else expect(() => checkRun(run, testCase, planner)).toThrow()
    })
  })

  it('says of the fallback planner only what differs', () => {
    for (const testCase of suite.cases.filter(({ fallback }) => fallback && !fallback.isWrong)) {
      expect(comparable(expectedOf(testCase, 'apollo'))).not.toEqual(comparable(testCase))
    }
  })
})

/** The signal that ended a process which planned the case; null where it lived. */
function planAlone({ sdl }: Supergraph, { operation }: Case): NodeJS.Signals | null {
  const input = JSON.stringify({ sdl, source: operation })
  return spawnSync(process.execPath, [join(import.meta.dirname, 'plan-alone.mjs')], { input }).signal
}
