import { describe, expect, it } from '@jest/globals'
import { PlacedList, type Placed } from '../../../src/kernel/placed-list.js'

interface Named extends Placed {
  readonly name: string
}

function listOf(...names: readonly string[]) {
  const items = names.map((name): Named => ({ name, place: -1 }))
  const list = new PlacedList<Named>()
  for (const item of items) list.add(item)
  return { list, items, names: () => [...list].map(({ name }) => name).sort() }
}

describe('PlacedList', () => {
  it('forgets who leaves, wherever he stood, and says whether he was there', () => {
    const { list, items, names } = listOf('first', 'stays', 'middle', 'last')
    const [first, , middle, last] = items as [Named, Named, Named, Named]
    expect([middle, first, last, middle, first].map((item) => list.remove(item))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
    expect(names()).toEqual(['stays'])
    expect(list.size).toBe(1)
    list.add(middle)
    expect(names()).toEqual(['middle', 'stays'])
  })

  it('visits everybody who was there when the visit began', () => {
    const { list } = listOf('a', 'b', 'c')
    const visited: string[] = []
    for (const item of list) {
      visited.push(item.name)
      list.remove(item)
    }
    expect(visited.sort()).toEqual(['a', 'b', 'c'])
    expect(list.size).toBe(0)
  })
})
