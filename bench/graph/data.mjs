/** The rows behind the graph; sized so that the large operation answers with about 88 kB. */

const PEOPLE = ['Ada Byron', 'Grace Murray', 'Edsger Wybe', 'Barbara Huberman', 'Donald Ervin', 'Radia Joy']
const GOODS = ['Table', 'Couch', 'Glass', 'Chair', 'Lamp', 'Grill', 'Fridge', 'Sofa', 'Shelf']
const OPINIONS = ['Love it!', 'Too expensive.', 'Could be better.', 'Never again.', 'As told.']
const REVIEW_COUNT = 29

export const users = PEOPLE.map((name, index) => ({
  id: String(index + 1),
  name,
  username: name.toLowerCase().replace(' ', '.'),
  birthday: 1970 + index,
}))

export const products = GOODS.map((name, index) => ({
  upc: String(index + 1),
  name,
  price: 15 + index * index * 137,
  weight: 100 + index * 55,
  inStock: index % 3 !== 2,
}))

/** Every user wrote four or five; the products have three or four each, in a mixed order. */
export const reviews = Array.from({ length: REVIEW_COUNT }, (_, index) => ({
  id: String(index + 1),
  body: OPINIONS[index % OPINIONS.length],
  authorId: users[index % users.length].id,
  upc: products[(index * 7) % products.length].upc,
}))

/** Computed from both required fields, so that a gateway which does not send them answers wrongly. */
export function shippingEstimate(price, weight) {
  return price > 1000 ? 0 : Math.round(weight * 0.5)
}
