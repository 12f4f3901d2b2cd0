import type { DataLayout, SelectionKeys } from '../../kernel/fetch-outcome.js'
import type { EntityBatch, FetchNode, RequiresSelection, RootNode } from '../../kernel/query-plan.js'
import { listDeliveries, type Delivery } from './deliveries.js'
import { slotOf } from './entity-slots.js'
import { PLAIN_LAYOUT } from '../../kernel/read-field.js'

/** Where the data of one plan will stand, decided before anything is fetched. */
export interface PlanLayout {
  /** The position of the root object. */
  readonly root: DataLayout
  /** The slot in which a delivery's entities hang; undefined where its data is merged into what is there. */
  readonly slotFor: (source: FetchNode | EntityBatch) => symbol | undefined
}

/**
 * Decides for every delivery of entities whether they hang on the objects that stand for them or are merged into
 * them.
 *
 * Hanging costs one property, however large the entity, and an entity that stands at many places stays one object.
 * It needs every object or list below an entity to come from one fetch only: where two fetches give parts of the
 * same one, the parts have to be merged.
 */
export function layOut(node: RootNode | undefined): PlanLayout {
  const deliveries = listDeliveries(node)
  if (!deliveries.some(({ isOfEntities }) => isOfEntities)) {
    return { root: { ...PLAIN_LAYOUT, soleKeys: soleKeysOf(node, deliveries) }, slotFor: () => undefined }
  }
  const root = new Position(undefined)
  const placed = deliveries.map((delivery, ordinal) => place(delivery, ordinal, root))
  for (const one of placed) if (isForcedToMerge(one)) one.isMerged = true
  keepSharedEntitiesWhole(placed)
  for (const one of placed) {
    for (const position of one.positions) {
      if (one.isMerged) position.takeLeaves(one)
      else position.hang(one)
    }
  }
  const merged = new Set(placed.filter(({ isMerged }) => isMerged).map(({ source }) => source))
  const slots = new Map(placed.map(({ source, slot }) => [source, slot]))
  return { root, slotFor: (source) => (merged.has(source) ? undefined : slots.get(source)) }
}

/** What the one fetch of a plan asks for, where it leaves its reply as it is. */
function soleKeysOf(root: RootNode | undefined, [delivery]: readonly Delivery[]): SelectionKeys | undefined {
  const node = root?.kind === 'Subscription' && root.rest === undefined ? root.primary : root
  return node?.kind === 'Fetch' && node.outputRewrites.length === 0 ? delivery?.keys : undefined
}

interface Placed {
  readonly source: FetchNode | EntityBatch
  readonly slot: symbol
  readonly keys: SelectionKeys | undefined
  readonly positions: ReadonlySet<Position>
  /** The fields without selections below them of which its representations are made. */
  readonly identity: ReadonlySet<string>
  isMerged: boolean
}

/** Gives composite fields, and those who bring them, their places in the tree of positions. */
class Position implements DataLayout {
  readonly above: Position | undefined
  /** For each key with selections below it: who brings it here; `undefined` for the object itself. */
  readonly bringers = new Map<string, Set<Placed | undefined>>()
  readonly children = new Map<string, Position>()
  /** Keys without selections below them that stand in the objects themselves. */
  readonly ownLeaves = new Set<string>()
  /** Whose entities hang here, in the order of the plan. */
  readonly #hanging: Placed[] = []
  readonly #slots = new Map<string, symbol[]>()
  /** Something is delivered here of which nobody knows what it holds. */
  isOpaque = false

  constructor(above: Position | undefined) {
    this.above = above
  }

  slotsOf(key: string): readonly symbol[] {
    return this.#slots.get(key) ?? []
  }

  /** Lets the entities of a delivery hang here; in doubt the later one knows better. */
  hang(delivery: Placed): void {
    this.#hanging.push(delivery)
    for (const key of delivery.keys?.keys() ?? []) {
      this.#slots.set(key, [delivery.slot, ...this.slotsOf(key)])
    }
  }

  /** What is merged stands in the objects themselves. */
  takeLeaves({ keys }: Placed): void {
    for (const [key, below] of keys ?? []) if (below === undefined) this.ownLeaves.add(key)
  }

  decidedBy(keys: Iterable<string>, leftOut?: symbol): symbol | undefined {
    const asked = [...keys]
    return this.#hanging.find(
      (one) => one.slot !== leftOut && asked.every((key) => this.#isDecided(key, one)),
    )?.slot
  }

  /** Equal representations get the same entity; so what equal representations lead to is equal too. */
  #isDecided(key: string, by: Placed): boolean {
    if (by.identity.has(key)) return true
    const slots = this.slotsOf(key)
    if (slots.length === 0 || this.ownLeaves.has(key)) return false
    return slots.every((slot) => {
      const bringer = this.#hanging.find((one) => one.slot === slot)
      return bringer === by || (bringer !== undefined && isWithin(bringer.identity, by.identity))
    })
  }

  below(key: string): DataLayout {
    return this.children.get(key) ?? PLAIN_LAYOUT
  }

  child(key: string): Position {
    let child = this.children.get(key)
    if (child === undefined) {
      child = new Position(this)
      this.children.set(key, child)
    }
    return child
  }
}

function place({ source, positions, keys, isOfEntities }: Delivery, ordinal: number, root: Position): Placed {
  const found = positions.map((path) => path.reduce((position, key) => position.child(key), root))
  const placed: Placed = {
    source,
    slot: slotOf(ordinal),
    keys,
    positions: new Set(found),
    identity: identityOf(source),
    isMerged: !isOfEntities || source.outputRewrites.length > 0,
  }
  for (const position of placed.positions) {
    if (keys === undefined) position.isOpaque = true
    else bring(position, keys, placed.isMerged ? undefined : placed)
  }
  return placed
}

/** Inside what a fetch brings, its own data stands in the objects themselves. */
function bring(position: Position, keys: SelectionKeys, bringer: Placed | undefined): void {
  for (const [key, below] of keys) {
    if (below === undefined) {
      if (bringer === undefined) position.ownLeaves.add(key)
      continue
    }
    const bringers = position.bringers.get(key) ?? new Set()
    position.bringers.set(key, bringers.add(bringer))
    bring(position.child(key), below, undefined)
  }
}

function isForcedToMerge({ keys, positions }: Placed): boolean {
  if (keys === undefined) return true
  for (const position of positions) {
    for (let at: Position | undefined = position; at; at = at.above) if (at.isOpaque) return true
    for (const [key, below] of keys) {
      if (below !== undefined && (position.bringers.get(key)?.size ?? 0) > 1) return true
    }
  }
  return false
}

/**
 * An entity that hangs at several positions is one object for all of them: nothing may be merged into what is below
 * it, since it would appear at the other positions too, where its keys may mean something else.
 */
function keepSharedEntitiesWhole(placed: readonly Placed[]): void {
  for (let isChanged = true; isChanged;) {
    isChanged = false
    for (const { positions, isMerged } of placed) {
      if (!isMerged) continue
      for (const shared of placed) {
        if (shared.isMerged || shared.positions.size < 2 || !isBelowOne(positions, shared)) continue
        shared.isMerged = true
        isChanged = true
      }
    }
  }
}

function isBelowOne(positions: ReadonlySet<Position>, shared: Placed): boolean {
  for (const position of positions) {
    for (let at = position.above; at; at = at.above) if (shared.positions.has(at)) return true
  }
  return false
}

/**
 * The fields that equal representations have in common. A rewrite may make different objects equal; of several types
 * each has fields of its own.
 */
function identityOf({ requires = [], inputRewrites }: FetchNode | EntityBatch): ReadonlySet<string> {
  if (inputRewrites.length > 0) return new Set()
  const common = leavesOf(requires)
  const ofTypes = requires.flatMap((one) =>
    one.kind === 'inlineFragment' && one.typeCondition !== undefined ? [leavesOf(one.selections)] : [],
  )
  const [first = new Set<string>(), ...others] = ofTypes
  const shared = [...first].filter((key) => others.every((keys) => keys.has(key)))
  return new Set([...common, ...shared])
}

function leavesOf(selections: readonly RequiresSelection[]): Set<string> {
  const leaves = new Set<string>()
  for (const selection of selections) {
    if (selection.kind === 'field') {
      if (selection.selections === undefined) leaves.add(selection.key ?? selection.name)
    } else if (selection.typeCondition === undefined) {
      for (const key of leavesOf(selection.selections)) leaves.add(key)
    }
  }
  return leaves
}

function isWithin(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  for (const key of part) if (!whole.has(key)) return false
  return true
}
