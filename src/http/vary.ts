import type { FastifyReply } from 'fastify'

/** Adds names to Vary and keeps those that are there, such as Origin from CORS (RFC 9110 §12.5.5). */
export function addToVary(reply: FastifyReply, names: string | undefined): void {
  if (names === undefined || names === '') return
  const before = reply.getHeader('vary')
  const all = new Map<string, string>()
  for (const name of `${before === undefined ? '' : String(before)},${names}`.split(',')) {
    const trimmed = name.trim()
    if (trimmed !== '') all.set(trimmed.toLowerCase(), all.get(trimmed.toLowerCase()) ?? trimmed)
  }
  reply.header('vary', all.has('*') ? '*' : [...all.values()].join(', '))
}
