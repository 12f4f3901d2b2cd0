import type { FlattenSegment } from '../../kernel/query-plan.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import { isList, isRecord, ownValue } from '../own-property.js'
import type { ResponsePath } from '../response-path.js'
import { anySatisfying, mayBeOneOf, type TypeIndex } from './type-index.js'

/** Called for each object at a flatten path; `path` is only valid during the call. */
export type VisitTarget = (target: RawObject, path: ResponsePath) => void

/** Visits every object that stands at a flatten path of the data fetched so far. */
export type WalkTargets = (data: RawObject, visit: VisitTarget) => void

type Step = (value: unknown, path: (string | number)[], visit: VisitTarget) => void

/** Compiles a flatten path into one chain of functions. */
export function compileWalk(segments: readonly FlattenSegment[], types: TypeIndex): WalkTargets {
  const first = segments.reduceRight<Step>((next, segment) => compileStep(segment, next, types), arrive)
  return (data, visit) => first(data, [], visit)
}

/** The same path as clients know it: response keys, and `@` for lists. */
export function toResponsePath(segments: readonly FlattenSegment[]): ResponsePath {
  return segments.flatMap((segment) => {
    if (segment.kind === 'key') return [segment.key]
    return segment.kind === 'list' ? ['@'] : []
  })
}

function compileStep(segment: FlattenSegment, next: Step, types: TypeIndex): Step {
  if (segment.kind === 'list') {
    return (value, path, visit) => {
      if (isList(value)) eachElement(value, path, visit, next)
    }
  }
  const step = segment.kind === 'key' ? keyStep(segment.key, next) : typesStep(segment.names, next, types)
  // Some plans leave `@` out before a condition or a key.
  const throughLists: Step = (value, path, visit) => {
    if (isList(value)) eachElement(value, path, visit, throughLists)
    else if (isRecord(value)) step(value, path, visit)
  }
  return throughLists
}

type RecordStep = (record: RawObject, path: (string | number)[], visit: VisitTarget) => void

function keyStep(key: string, next: Step): RecordStep {
  return (record, path, visit) => {
    path.push(key)
    next(ownValue(record, key), path, visit)
    path.pop()
  }
}

function typesStep(conditions: readonly string[], next: Step, types: TypeIndex): RecordStep {
  const names = anySatisfying(types, conditions)
  return (record, path, visit) => {
    if (mayBeOneOf(record, names)) next(record, path, visit)
  }
}

function arrive(value: unknown, path: (string | number)[], visit: VisitTarget): void {
  if (isList(value)) eachElement(value, path, visit, arrive)
  else if (isRecord(value)) visit(value, path)
}

function eachElement(list: unknown[], path: (string | number)[], visit: VisitTarget, step: Step): void {
  for (let index = 0; index < list.length; index += 1) {
    path.push(index)
    step(list[index], path, visit)
    path.pop()
  }
}
