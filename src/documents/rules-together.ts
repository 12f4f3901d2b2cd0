import {
  BREAK,
  getEnterLeaveForKind,
  Kind,
  specifiedRules,
  type ASTNode,
  type ASTVisitFn,
  type ASTVisitor,
  type ValidationRule,
} from 'graphql'

/**
 * All rules of the specification as one rule.
 *
 * graphql-js looks for the functions of each rule for each kind of node anew at each document, and asks every rule at
 * every node; most rules look at one or two kinds. This was half of the time of a validation.
 */
export const allRules: ValidationRule = (context) =>
  togetherVisitor(specifiedRules.map((rule) => rule(context)))

/** Visits for several visitors at once, as `visitInParallel` does: what one of them skips, the others still see. */
export function togetherVisitor(visitors: readonly ASTVisitor[]): ASTVisitor {
  const skipping = new Skipping(visitors.length)
  const together: Record<string, { enter: ASTVisitFn<ASTNode>; leave: ASTVisitFn<ASTNode> }> = {}
  const byKind = sortByKind(visitors)
  for (const [kind, { enter, leave }] of byKind) {
    together[kind] = {
      enter: (node, ...where) => {
        for (const { number, visit } of enter) {
          if (!skipping.isSkipping(number)) skipping.note(number, visit(node, ...where), node)
        }
      },
      leave: (node, ...where) => {
        for (const { number, visit } of leave) {
          if (!skipping.isSkipping(number) && visit(node, ...where) === BREAK) skipping.end(number)
        }
        skipping.leave(node)
      },
    }
  }
  return together
}

/** Which visitors see nothing of what is below a node. */
class Skipping {
  /** `null` is one that has seen enough. */
  readonly #nodes: (ASTNode | null | undefined)[]
  #count = 0

  constructor(visitors: number) {
    this.#nodes = Array.from({ length: visitors }, () => undefined)
  }

  isSkipping(number: number): boolean {
    return this.#nodes[number] !== undefined
  }

  /** Takes what a visitor returned at a node that was entered: validation rules change nothing. */
  note(number: number, returned: unknown, node: ASTNode): void {
    if (returned === BREAK) this.end(number)
    else if (returned === false) {
      this.#nodes[number] = node
      this.#count += 1
    }
  }

  end(number: number): void {
    this.#nodes[number] = null
  }

  leave(node: ASTNode): void {
    if (this.#count === 0) return
    for (const [number, skipped] of this.#nodes.entries()) {
      if (skipped !== node) continue
      this.#nodes[number] = undefined
      this.#count -= 1
    }
  }
}

/** What one visitor does at nodes of a kind. */
interface Visit {
  readonly number: number
  readonly visit: ASTVisitFn<ASTNode>
}

interface Visits {
  readonly enter: Visit[]
  readonly leave: Visit[]
}

const EVERY_KIND = Object.values(Kind)

/** As graphql-js chooses: what a visitor has for a kind goes before what it has for all of them. */
function sortByKind(visitors: readonly ASTVisitor[]): ReadonlyMap<string, Visits> {
  const byKind = new Map<string, Visits>(EVERY_KIND.map((kind) => [kind, { enter: [], leave: [] }]))
  for (const [number, visitor] of visitors.entries()) {
    const isForAll = 'enter' in visitor || 'leave' in visitor
    for (const kind of isForAll ? EVERY_KIND : EVERY_KIND.filter((each) => each in visitor)) {
      const { enter, leave } = getEnterLeaveForKind(visitor, kind)
      if (enter) byKind.get(kind)?.enter.push({ number, visit: enter.bind(visitor) })
      if (leave) byKind.get(kind)?.leave.push({ number, visit: leave.bind(visitor) })
    }
  }
  for (const [kind, { enter, leave }] of byKind) if (enter.length + leave.length === 0) byKind.delete(kind)
  return byKind
}
