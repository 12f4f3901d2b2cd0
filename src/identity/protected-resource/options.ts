import { z } from 'zod'

const RESOURCE_PATH = /^(\/[A-Za-z0-9._~-]+)*\/?$/

/** Section `identity.resource`: how the gateway names itself to clients that look for a token. */
export const resourceOptions = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, abort: true })
    .refine(isPlainAddress, { error: 'is not an address without query, fragment and credentials' })
    .optional()
    .describe(
      'Public address of this gateway, as clients know it. With it, metadata is published at /.well-known/oauth-protected-resource (RFC 9728) and named in challenges.',
    ),
  scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))
    .default([])
    .describe('Scopes that the metadata offers to clients; none: it says nothing of scopes.'),
  documentation: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address of a page for developers, for the metadata.'),
})

export type ResourceOptions = z.output<typeof resourceOptions>

function isPlainAddress(text: string): boolean {
  if (/[?#]/.test(text)) return false
  const { username, password, pathname } = new URL(text)
  return username === '' && password === '' && RESOURCE_PATH.test(pathname)
}
