import { defineEndpoint } from '../../src/bff/define-endpoint.js'
import type { MobileDashboardData } from './dashboard.data.js'

/** The account screen of the phone app: who I am, my last orders, my cart. What is not to be had is null. */
export const mobileDashboard = defineEndpoint<MobileDashboardData>({
  module: import.meta.url,
  path: '/mobile/dashboard',
  summary: 'The account screen of the phone app.',
  signedIn: true,
  required: ['me'],
  present: ({ me, shopping }) => ({
    profile: me === null ? null : { name: me.name, avatarUrl: me.avatarUrl },
    unreadNotifications: me?.unreadNotifications ?? null,
    recentOrders: shopping?.orders?.nodes ?? null,
    orderCount: shopping?.orders?.totalCount ?? null,
    cart: shopping?.cart ?? null,
  }),
})
