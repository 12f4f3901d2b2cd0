import { defineEndpoint } from '../../src/bff/define-endpoint.js'
import type { MobileDashboardData } from './dashboard.data.js'

/** The account screen of the phone app: who I am, my last orders, my cart. */
export const mobileDashboard = defineEndpoint<MobileDashboardData>({
  module: import.meta.url,
  path: '/mobile/dashboard',
  summary: 'The account screen of the phone app.',
  signedIn: true,
  required: ['me'],
  present: ({ me }) => ({
    profile: me === null ? null : { name: me.name, avatarUrl: me.avatarUrl },
    unreadNotifications: me?.unreadNotifications ?? 0,
    recentOrders: me?.orders?.nodes ?? [],
    orderCount: me?.orders?.totalCount ?? 0,
    cart: me?.cart ?? null,
  }),
})
