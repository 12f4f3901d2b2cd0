import type { Route } from '../../kernel/route.js'
import type { ResourceOptions } from './options.js'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Where clients find the metadata: between host and path of the resource (RFC 9728 §3.1). */
export function metadataUrlOf(resource: string): string {
  const { origin } = new URL(resource)
  return `${origin}${metadataPathOf(resource)}`
}

/** Publishes what a client needs to know to get a token (RFC 9728 §2), where the gateway has a public address. */
export function createMetadataRoutes(
  { url, scopes, documentation }: ResourceOptions,
  issuers: readonly { readonly issuer: string }[],
): readonly Route[] {
  if (url === undefined) return []
  const servers = issuers.map(({ issuer }) => issuer).filter((issuer) => /^https?:\/\//.test(issuer))
  const body = JSON.stringify({
    resource: url,
    ...(servers.length === 0 ? {} : { authorization_servers: servers }),
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    ...(documentation === undefined ? {} : { resource_documentation: documentation }),
  })
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'public, max-age=3600',
  }
  const handle = () => Promise.resolve({ status: 200, headers, body })
  return [{ method: 'GET', path: metadataPathOf(url), frontEnd: 'oauth', handle }]
}

function metadataPathOf(resource: string): string {
  return `${WELL_KNOWN}${new URL(resource).pathname.replace(/\/$/, '')}`
}
