import type { ForwardedHeaders } from '../../kernel/contexts.js'
import type { FlatHeaders, WriteHeaders } from '../request-headers.js'
import type { RequestRule } from './options.js'
import { foldName } from './protected-names.js'

/** What rules have written so far: by folded name, so that two spellings of one name never go out together. */
type Written = Map<string, { readonly name: string; readonly value: string }>

/** One rule, compiled. */
type Step = (written: Written, client: ForwardedHeaders['values']) => void

const NOTHING: ForwardedHeaders['values'] = new Map()

/**
 * Writes the headers of a subgraph request with its rules behind the gateway's own; without rules, as before.
 *
 * Which names a rule may write is decided when the options are read (request-faults.ts): nothing here can stand in the
 * place of what the gateway says of the caller.
 */
export function withRequestRules(write: WriteHeaders, rules: readonly RequestRule[]): WriteHeaders {
  if (rules.length === 0) return write
  const steps = rules.map(compileRule)
  if (rules.every(({ propagate }) => propagate === undefined)) {
    const same = apply(steps, NOTHING)
    return (caller, body) => {
      const headers = write(caller, body)
      headers.push(...same)
      return headers
    }
  }
  return (caller, body) => {
    const headers = write(caller, body)
    headers.push(...apply(steps, caller.client.forwarded?.values ?? NOTHING))
    return headers
  }
}

function apply(steps: readonly Step[], client: ForwardedHeaders['values']): FlatHeaders {
  const written: Written = new Map()
  for (const step of steps) step(written, client)
  const flat: FlatHeaders = []
  for (const { name, value } of written.values()) flat.push(name, value)
  return flat
}

function compileRule(rule: RequestRule): Step {
  const { propagate, set, rename, remove } = rule
  if (propagate !== undefined) {
    const name = propagate.toLowerCase()
    return name.endsWith('*') ? propagateAll(name.slice(0, -1)) : propagateOne(name, rule.default)
  }
  if (set !== undefined) return (written) => put(written, set.toLowerCase(), rule.value ?? '')
  if (rename !== undefined) return renameOne(foldName(rename), (rule.to ?? rename).toLowerCase())
  return removeAll(remove ?? '')
}

function propagateOne(name: string, fallback: string | undefined): Step {
  return (written, client) => {
    const value = client.get(name) ?? fallback
    if (value !== undefined) put(written, name, value)
  }
}

function propagateAll(beginning: string): Step {
  return (written, client) => {
    for (const [name, value] of client) if (name.startsWith(beginning)) put(written, name, value)
  }
}

function renameOne(from: string, to: string): Step {
  return (written) => {
    const found = written.get(from)
    if (found === undefined) return
    written.delete(from)
    put(written, to, found.value)
  }
}

function removeAll(nameOrPattern: string): Step {
  if (!nameOrPattern.endsWith('*')) {
    const folded = foldName(nameOrPattern)
    return (written) => void written.delete(folded)
  }
  const beginning = foldName(nameOrPattern.slice(0, -1))
  return (written) => {
    for (const folded of [...written.keys()]) if (folded.startsWith(beginning)) written.delete(folded)
  }
}

function put(written: Written, name: string, value: string): void {
  written.set(foldName(name), { name, value })
}
