import { defineEndpoint } from '../../src/bff/define-endpoint.js'
import type { MobileHomeData } from './home.data.js'

/** The first screen of the phone app: small images, and counts rather than lists. */
export const mobileHome = defineEndpoint<MobileHomeData>({
  module: import.meta.url,
  path: '/mobile/home',
  summary: 'The first screen of the phone app.',
  signedIn: true,
  required: ['me'],
  present: ({ me }) => ({
    greeting: me === null ? 'Hello!' : `Hello, ${me.firstName}!`,
    recommendedProducts: me?.recommendedProducts ?? [],
    cartItemCount: me?.cart.itemCount ?? 0,
    unreadNotifications: me?.unreadNotifications ?? 0,
  }),
})
