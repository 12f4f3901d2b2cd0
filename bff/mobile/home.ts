import { defineEndpoint } from '../../src/bff/define-endpoint.js'
import type { MobileHomeData } from './home.data.js'

/** The first screen of the phone app: small images, and counts rather than lists. What is not to be had is null. */
export const mobileHome = defineEndpoint<MobileHomeData>({
  module: import.meta.url,
  path: '/mobile/home',
  summary: 'The first screen of the phone app.',
  signedIn: true,
  required: ['me'],
  present: ({ me, shopping, recommendations }) => ({
    greeting: me === null ? 'Hello!' : `Hello, ${me.firstName}!`,
    recommendedProducts: recommendations?.recommendedProducts ?? null,
    cartItemCount: shopping?.cart.itemCount ?? null,
    unreadNotifications: me?.unreadNotifications ?? null,
  }),
})
