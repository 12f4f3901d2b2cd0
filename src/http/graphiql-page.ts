import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { SendPage } from './page.js'
import { chooseEncoding, type Encoding } from './page-encoding.js'

interface PreparedPage {
  readonly etag: string
  readonly contentSecurityPolicy: string
  readonly bodies: Readonly<Record<Encoding, Buffer>>
}

/** 4 of 11: a fifth of the size at a tenth of the time of the highest. */
const BROTLI_QUALITY = 4

const STARTING_QUERY = `# Ctrl-Enter runs the operation; Ctrl-Space completes it.
# Set an Authorization header in the Headers tab to sign in.
query {
  __typename
}
`

/**
 * Makes the GraphiQL page: self-contained, so that it works without any other host.
 *
 * Its 9 MB are rendered and compressed once, at the first request, and revalidated by ETag from then on. The one
 * inline script is admitted by its hash; Monaco writes styles and starts its workers from blobs.
 */
export function createGraphiqlPage(): SendPage {
  let preparing: Promise<PreparedPage> | undefined
  return async (request, reply) => {
    preparing ??= preparePage()
    const page = await preparing
    reply
      .header('etag', page.etag)
      .header('cache-control', 'private, no-cache')
      .header('vary', 'Accept-Encoding')
      .header('content-security-policy', page.contentSecurityPolicy)
    if (request.headers['if-none-match']?.includes(page.etag) === true) return reply.code(304).send()
    const encoding = chooseEncoding(request.headers['accept-encoding'])
    if (encoding !== 'identity') reply.header('content-encoding', encoding)
    return reply.type('text/html; charset=utf-8').send(page.bodies[encoding])
  }
}

async function preparePage(): Promise<PreparedPage> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL({
    title: 'Gatehouse GraphiQL',
    endpoint: '/graphql',
    defaultQuery: STARTING_QUERY,
    additionalHeaders: { 'apollo-require-preflight': 'true' },
    favicon: 'data:,',
  })
  const identity = Buffer.from(html)
  const [gzipped, brotli] = await Promise.all([
    promisify(gzip)(identity),
    promisify(brotliCompress)(identity, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: identity.length,
      },
    }),
  ])
  return {
    etag: `W/"${createHash('sha256').update(identity).digest('base64url').slice(0, 27)}"`,
    contentSecurityPolicy: policyFor(html),
    bodies: { identity, gzip: gzipped, br: brotli },
  }
}

function policyFor(html: string): string {
  const start = html.indexOf('<script>') + '<script>'.length
  const script = html.slice(start, html.indexOf('</script>', start))
  // A browser hashes what its parser made of the text: line ends are one character there.
  const hash = createHash('sha256').update(script.replaceAll('\r\n', '\n')).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'worker-src blob:',
    "connect-src 'self'",
    'img-src data:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
