import type { FastifyReply } from 'fastify'

/** Makes text safe inside SVG text and attributes. */
export function escapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (character) => names[character] ?? '')
}

/** Reads a pixel size from a query string; outside the bounds or unreadable: undefined. */
export function readPixels(text: unknown, fallback: number, low: number, high: number): number | undefined {
  if (text === undefined) return fallback
  const pixels = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return pixels >= low && pixels <= high ? pixels : undefined
}

/** Sends a picture that never changes under its address; opened on its own it may load and run nothing. */
export function sendSvg(reply: FastifyReply, svg: string): FastifyReply {
  return reply
    .header('content-type', 'image/svg+xml; charset=utf-8')
    .header('cache-control', 'public, max-age=86400, immutable')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
    .header('x-content-type-options', 'nosniff')
    .header('cross-origin-resource-policy', 'cross-origin')
    .send(svg)
}
