import type { CookieCredential } from '../kernel/contexts.js'
import { invalidToken, riddenCookie, twoCookies } from './refusals.js'

/**
 * Takes the token out of a cookie credential.
 *
 * That the request comes from a page that may use the cookie is asked first, so that a foreign page learns nothing of
 * the token, not even whether it is good.
 */
export function takeCookieToken({ values, isFromOwnPage }: CookieCredential, maxTokenBytes: number): string {
  if (!isFromOwnPage) throw riddenCookie()
  const [token, ...others] = values
  if (others.length > 0) throw twoCookies()
  if (token === undefined || token.length > maxTokenBytes || !/^[A-Za-z0-9._-]+$/.test(token)) {
    throw invalidToken('the cookie holds no token')
  }
  return token
}
