/** Compares what a run did with what a case says. */
import { expect } from '@jest/globals'
import { Kind, print } from 'graphql'
import type { JsonObject } from '../../../src/kernel/json.js'
import type { LocalRequest } from '../../support/local-subgraph.js'
import type { PlannerName, Run } from './run-case.js'
import type { Case, Outcome } from './suite.js'

/** Why the case is known to fail with this planner; undefined where it must hold. */
export function knownFault({ fails, fallback }: Case, planner: PlannerName): string | undefined {
  if (planner === 'apollo' && fallback?.isWrong) return fallback.because
  return fails?.with === 'both' || (fails && planner === 'auto') ? fails.because : undefined
}

/** What the case expects of a planner: where the fallback is known to differ, that. */
export function expectedOf(testCase: Case, planner: PlannerName): Outcome {
  return planner === 'apollo' ? { ...testCase, ...testCase.fallback } : testCase
}

/** The outcome of a run, for those parts that the expectation speaks of. */
export function outcomeOf({ answer, requests, notes, asked }: Run, expected: Outcome): Outcome {
  const data = answer.data
  const errors = answer.errors?.map(({ path, extensions: { code }, message }) => {
    const error = { ...(path ? { path: [...path] } : {}), code }
    return hasMessage(expected, error) ? { ...error, message } : error
  })
  return {
    data,
    errors: sorted((errors ?? []).map(inOrder)),
    fetches: expected.fetches && countBy(requests.map(({ subgraph }) => subgraph)),
    asks: expected.asks?.filter((coordinate) => asked.has(coordinate)),
    neverAsks: expected.neverAsks?.filter((coordinate) => !asked.has(coordinate)),
    sends: expected.sends && representationsOf(requests, Object.keys(expected.sends)),
    notes: expected.notes && [...notes],
  }
}

/** Messages are compared only where the case says one. */
function hasMessage({ errors = [] }: Outcome, { path }: { readonly path?: unknown }): boolean {
  const place = JSON.stringify(path)
  return errors.some((error) => error.message !== undefined && JSON.stringify(error.path) === place)
}

/** The expectation in the same form. */
export function comparable({ data, errors, fetches, asks, neverAsks, sends, notes }: Outcome): Outcome {
  const sent =
    sends &&
    Object.fromEntries(Object.entries(sends).map(([name, list]) => [name, sorted(list.map(inOrder))]))
  return { data, errors: sorted((errors ?? []).map(inOrder)), fetches, asks, neverAsks, sends: sent, notes }
}

/** Fails with the plan and the requests beside the difference, for whoever has to find the fault. */
export function checkRun(run: Run, testCase: Case, planner: PlannerName): void {
  const expected = expectedOf(testCase, planner)
  try {
    expect(outcomeOf(run, expected)).toEqual(comparable(expected))
    // The order of fields is part of an answer (GraphQL specification §7.2.2).
    expect(JSON.stringify(run.answer.data)).toBe(JSON.stringify(expected.data))
    expect(run.faults).toEqual([])
  } catch (error) {
    if (error instanceof Error) error.message += explain(run)
    throw error
  }
}

function explain({ plan, requests, faults }: Run): string {
  const asked = requests.map(
    ({ subgraph, source, variables }) => `${subgraph}: ${source} ${JSON.stringify(variables)}`,
  )
  return `\n\nPlan: ${JSON.stringify(plan, null, 1)}\n\nRequests:\n${asked.join('\n')}\n\nFaults:\n${faults.join('\n')}`
}

function representationsOf(requests: Run['requests'], subgraphs: readonly string[]) {
  return Object.fromEntries(
    subgraphs.map((name) => {
      const sent = requests.filter(({ subgraph }) => subgraph === name).flatMap(representations)
      return [name, sorted(sent.map(inOrder))]
    }),
  )
}

/** The lists of all variables of the type `[_Any!]!`, whatever a planner calls them. */
function representations({ document, variables }: LocalRequest): readonly JsonObject[] {
  return document.definitions
    .flatMap((node) => (node.kind === Kind.OPERATION_DEFINITION ? (node.variableDefinitions ?? []) : []))
    .filter(({ type }) => print(type) === '[_Any!]!')
    .flatMap(({ variable }) => variables[variable.name.value] as unknown as JsonObject[])
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function sorted<T>(list: readonly T[]): T[] {
  return list
    .map((item) => [JSON.stringify(item), item] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, item]) => item)
}

/** With its keys in alphabetical order, so that equal values have equal texts. */
function inOrder<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  const ordered: unknown = Array.isArray(value)
    ? value.map(inOrder)
    : Object.fromEntries(
        Object.entries(value)
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .map(([key, inner]) => [key, inOrder(inner)]),
      )
  return ordered as T
}
