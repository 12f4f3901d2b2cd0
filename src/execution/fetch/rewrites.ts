import type { Rewrite, RewriteSegment } from '../../kernel/query-plan.js'
import type { RawObject } from '../../kernel/fetch-outcome.js'
import { ownValue, setOwn } from '../own-property.js'
import type { ResponsePath } from '../response-path.js'
import { anySatisfying, forEachRecord, mayBeOneOf, type TypeIndex } from './type-index.js'

/** Changes a representation before, or an entity after, a fetch; in place. */
export type ApplyRewrites = (object: RawObject) => void

/** Compiles rewrites; undefined where there are none, so that callers can spare a copy. */
export function compileRewrites(rewrites: readonly Rewrite[], types: TypeIndex): ApplyRewrites | undefined {
  if (rewrites.length === 0) return undefined
  const compiled = rewrites.map((rewrite) => compileRewrite(rewrite, types))
  return (object) => {
    for (const apply of compiled) apply(object)
  }
}

function compileRewrite(rewrite: Rewrite, types: TypeIndex): ApplyRewrites {
  const last = rewrite.path.at(-1)
  if (last?.kind !== 'key') return () => undefined
  const change = rewrite.kind === 'setValue' ? setter(last.key, rewrite.value) : renamer(last.key, rewrite.to)
  return rewrite.path
    .slice(0, -1)
    .reduceRight<ApplyRewrites>((next, segment) => descend(segment, next, types), change)
}

function descend(segment: RewriteSegment, next: ApplyRewrites, types: TypeIndex): ApplyRewrites {
  if (segment.kind === 'key') return (object) => forEachRecord(ownValue(object, segment.key), next)
  const names = anySatisfying(types, segment.names)
  return (object) => {
    if (mayBeOneOf(object, names)) next(object)
  }
}

function setter(key: string, value: unknown): ApplyRewrites {
  return (object) => setOwn(object, key, value)
}

function renamer(from: string, to: string): ApplyRewrites {
  return (object) => {
    if (!Object.hasOwn(object, from)) return
    const value = object[from]
    Reflect.deleteProperty(object, from)
    setOwn(object, to, value)
  }
}

/**
 * Compiles the renames among output rewrites for the paths of errors, which name the keys as they were sent.
 *
 * Type conditions are left aside: a path does not say of which type its objects were.
 */
export function compilePathRenames(rewrites: readonly Rewrite[]): (path: ResponsePath) => ResponsePath {
  const renames = rewrites.flatMap((rewrite) =>
    rewrite.kind === 'renameKey' ? [{ from: keysOf(rewrite.path), to: rewrite.to }] : [],
  )
  if (renames.length === 0) return (path) => path
  return (path) => renames.reduce<ResponsePath>((renamed, { from, to }) => rename(renamed, from, to), path)
}

function keysOf(path: readonly RewriteSegment[]): readonly string[] {
  return path.flatMap((segment) => (segment.kind === 'key' ? [segment.key] : []))
}

function rename(path: ResponsePath, from: readonly string[], to: string): ResponsePath {
  let matched = 0
  for (const [index, step] of path.entries()) {
    if (typeof step === 'number') continue
    if (step !== from[matched]) return path
    matched += 1
    if (matched === from.length) return path.with(index, to)
  }
  return path
}
