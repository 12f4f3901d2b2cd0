import { randomUUID } from 'node:crypto'

const ACCEPTED = /^[A-Za-z0-9._-]{8,128}$/

/**
 * The id under which a request is logged and answered: the caller's own if it is harmless, otherwise a new one
 * (contract §5). The narrow alphabet keeps foreign text out of logs and headers.
 */
export function chooseRequestId(incoming: string | readonly string[] | undefined): string {
  return typeof incoming === 'string' && ACCEPTED.test(incoming) ? incoming : randomUUID()
}
