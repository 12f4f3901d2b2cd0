import { describe } from '@jest/globals'
import { IN_MEMORY } from '../../../subgraphs/kit/embedded-database.js'
import { describeShop } from './describe-shop.js'

describe('the shop on the embedded database', () => {
  describeShop(() => Promise.resolve({ dataDir: IN_MEMORY }))
})
