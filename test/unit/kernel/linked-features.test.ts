import { describe, expect, it } from '@jest/globals'
import { parse } from 'graphql'
import { directiveNames, linkedFeatures } from '../../../src/kernel/linked-features.js'

const featureOf = (links: string) => linkedFeatures(parse(`schema ${links} { query: Query }`))

describe('linkedFeatures', () => {
  it('reads address, version, prefix, purpose and imports', () => {
    const [feature] = featureOf(
      '@link(url: "https://specs.apollo.dev/cost/v0.1/", as: "c", for: EXECUTION, import: ["@listSize", { name: "@cost", as: "@price" }])',
    )
    expect(feature).toMatchObject({
      identity: 'https://specs.apollo.dev/cost',
      specification: 'cost',
      version: 'v0.1',
      name: 'c',
      purpose: 'EXECUTION',
      imports: new Map([
        ['@listSize', '@listSize'],
        ['@cost', '@price'],
      ]),
    })
  })

  it('follows a link directive that was renamed itself, and takes no other directive with a url for one', () => {
    const features = featureOf(
      '@uses(url: "https://specs.apollo.dev/link/v1.0", as: "uses") @uses(url: "https://a.example/x/v1") @contact(url: "https://b.example/y/v1")',
    )
    expect(features.map(({ specification }) => specification)).toEqual(['link', 'x'])
  })

  it.each([
    ['@link(url: "https://a.example/cost/v1")', ['cost__cost', 'cost']],
    ['@link(url: "https://a.example/cost/v1", as: "c")', ['c__cost', 'c']],
    ['@link(url: "https://a.example/cost/v1", import: ["@cost"])', ['cost', 'cost__cost', 'cost']],
    ['@core(feature: "https://a.example/prices/v1")', ['prices__cost']],
  ])('names the directive under %s', (link, names) => {
    const [feature] = featureOf(link)
    expect(feature && directiveNames(feature, 'cost')).toEqual(names)
  })
})
