import { defineEndpoint } from '../../src/bff/define-endpoint.js'
import type { WebDashboardData } from './dashboard.data.js'

/** The signed-in start page of the shop: wide images, whole orders. What is not to be had is null. */
export const webDashboard = defineEndpoint<WebDashboardData>({
  module: import.meta.url,
  path: '/web/dashboard',
  summary: 'The signed-in start page of the web shop.',
  signedIn: true,
  required: ['me'],
  present: ({ me, shopping, recommendations }) => ({
    user: me === null ? null : { id: me.id, name: me.name, avatarUrl: me.avatarUrl },
    notifications: me?.notifications.nodes ?? null,
    orders:
      shopping?.orders == null
        ? null
        : { totalCount: shopping.orders.totalCount, items: shopping.orders.nodes },
    cart: shopping?.cart ?? null,
    recommendedProducts: recommendations?.recommendedProducts ?? null,
  }),
})
