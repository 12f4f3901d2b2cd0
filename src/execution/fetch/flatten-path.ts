import type { DataLayout, RawObject } from '../../kernel/fetch-outcome.js'
import { isRecord } from '../../kernel/is-record.js'
import type { FlattenSegment } from '../../kernel/query-plan.js'
import { compileRead, entityAt } from '../../kernel/read-field.js'
import { compileReadTypename } from '../../kernel/read-typename.js'
import { isList } from '../own-property.js'
import type { ResponsePath } from '../response-path.js'
import { anySatisfying, type TypeIndex } from './type-index.js'

/** Called for each object at a flatten path. */
export type VisitTarget = (target: RawObject) => void
/** The same with the object's path, which is only valid during the call. */
export type VisitPlace = (target: RawObject, path: ResponsePath) => void

/** The objects that stand at one flatten path of the data fetched so far. */
export interface Targets {
  /** Visits every object, but what hangs below an entity only once, at however many places that entity stands. */
  readonly visitDistinct: (data: RawObject, visit: VisitTarget) => void
  /** Visits every place, for errors, which name them all. */
  readonly visitPlaces: (data: RawObject, visit: VisitPlace) => void
  /** The position of the objects. */
  readonly layout: DataLayout
}

/** One walk along a path: what it calls, where it is, and the mark it leaves on entities. */
interface Walk {
  readonly visit: VisitPlace
  /** Undefined where nobody asks for paths. */
  readonly path: (string | number)[] | undefined
  readonly mark: number
}

type Step = (value: unknown, walk: Walk) => void

/** GraphQL types wrap lists in lists by hand; a deeper nest is not data. */
const MAX_NESTED_LISTS = 32

/** On an entity: the last walk that passed it. Walks are numbered over all requests, which share no objects. */
const PASSED = Symbol('passed')

interface Marked {
  [PASSED]?: number
}

const NO_PATH: ResponsePath = []
let walks = 0

/** Compiles a flatten path into one chain of functions. */
export function compileTargets(
  segments: readonly FlattenSegment[],
  root: DataLayout,
  types: TypeIndex,
): Targets {
  let layout = root
  const links: ((next: Step) => Step)[] = []
  for (const segment of segments) {
    const here = layout
    if (segment.kind === 'key') {
      links.push((next) => throughLists(keyStep(segment.key, here, next)))
      layout = here.below(segment.key)
    } else if (segment.kind === 'list') {
      links.push(listStep)
    } else {
      links.push((next) => throughLists(typesStep(segment.names, here, types, next)))
    }
  }
  const first = links.reduceRight<Step>((next, link) => link(next), throughLists(arrive))
  return {
    layout,
    visitDistinct: (data, visit) => {
      walks += 1
      first(data, { visit, path: undefined, mark: walks })
    },
    visitPlaces: (data, visit) => first(data, { visit, path: [], mark: 0 }),
  }
}

/** The same path as clients know it: response keys, and `@` for lists. */
export function toResponsePath(segments: readonly FlattenSegment[]): ResponsePath {
  return segments.flatMap((segment) => {
    if (segment.kind === 'key') return [segment.key]
    return segment.kind === 'list' ? ['@'] : []
  })
}

function listStep(next: Step): Step {
  return (value, walk) => {
    if (isList(value)) eachElement(value, walk, next)
  }
}

type RecordStep = (record: RawObject, walk: Walk) => void

/** Some plans leave `@` out before a condition or a key, and write one for lists in lists. */
function throughLists(step: RecordStep, depth = 0): Step {
  let deeper: Step | undefined
  return (value, walk) => {
    if (isList(value)) {
      if (depth === MAX_NESTED_LISTS) return
      deeper ??= throughLists(step, depth + 1)
      eachElement(value, walk, deeper)
    } else if (isRecord(value)) step(value, walk)
  }
}

function keyStep(key: string, layout: DataLayout, next: Step): RecordStep {
  const read = compileRead(key, layout)
  // What has selections below it comes from one fetch only (see plan-layout.ts).
  const [slot] = layout.slotsOf(key)
  return (record, walk) => {
    const { path } = walk
    if (path === undefined) {
      if (slot === undefined || !hasPassed(entityAt(record, slot), walk.mark)) next(read(record), walk)
    } else {
      path.push(key)
      next(read(record), walk)
      path.pop()
    }
  }
}

/** Marks the entity, and says whether this walk has been there before. */
function hasPassed(entity: Marked | undefined, mark: number): boolean {
  if (entity === undefined) return false
  if (entity[PASSED] === mark) return true
  entity[PASSED] = mark
  return false
}

function typesStep(
  conditions: readonly string[],
  layout: DataLayout,
  types: TypeIndex,
  next: Step,
): RecordStep {
  const names = anySatisfying(types, conditions)
  const typenameOf = compileReadTypename(layout, types.isObject)
  return (record, walk) => {
    const name = typenameOf(record)
    // Without a name the plan knows better than missing data.
    if (name === undefined || names.has(name)) next(record, walk)
  }
}

function arrive(record: RawObject, { visit, path }: Walk): void {
  visit(record, path ?? NO_PATH)
}

function eachElement(list: unknown[], walk: Walk, step: Step): void {
  const { path } = walk
  for (let index = 0; index < list.length; index += 1) {
    path?.push(index)
    step(list[index], walk)
    path?.pop()
  }
}
