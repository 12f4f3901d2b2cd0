import { defineEndpoint } from '../../src/bff/define-endpoint.js'
import type { WebDashboardData } from './dashboard.data.js'

/** The signed-in start page of the shop: wide images, whole orders, and the catalogue's categories. */
export const webDashboard = defineEndpoint<WebDashboardData>({
  module: import.meta.url,
  path: '/web/dashboard',
  summary: 'The signed-in start page of the web shop.',
  signedIn: true,
  required: ['me'],
  present: ({ me, categories }) => ({
    user: me === null ? null : { id: me.id, name: me.name, avatarUrl: me.avatarUrl },
    notifications: me?.notifications.nodes ?? [],
    orders: { totalCount: me?.orders?.totalCount ?? 0, items: me?.orders?.nodes ?? [] },
    cart: me?.cart ?? null,
    recommendedProducts: me?.recommendedProducts ?? [],
    categories,
  }),
})
