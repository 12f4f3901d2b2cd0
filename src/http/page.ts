import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpOptions } from './options.js'

/** Answers a browser with a page. */
export type SendPage = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Pages for developers are off in production unless configured: they have been a way in before. */
export function isPageServed(option: HttpOptions['sandbox'], production: boolean): boolean {
  return option === 'auto' ? !production : option
}
