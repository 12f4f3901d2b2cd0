import type { SendPage } from './page.js'

/**
 * Makes the Apollo Sandbox page.
 *
 * Apollo's own plugin writes it, with a nonce and a Content-Security-Policy of its own in the page (the hosts it
 * names are Apollo's); our header only adds what a page cannot say of itself. Apollo Server is loaded with the
 * first request for the page, so that nobody else pays for it.
 */
export function createSandboxPage(): SendPage {
  let rendering: Promise<() => Promise<string>> | undefined
  return async (_request, reply) => {
    rendering ??= loadRenderer()
    const render = await rendering
    return reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'none'",
      )
      .header('cross-origin-opener-policy', 'same-origin-allow-popups')
      .header('vary', 'Accept')
      .send(await render())
  }
}

async function loadRenderer(): Promise<() => Promise<string>> {
  const { ApolloServerPluginLandingPageLocalDefault } =
    await import('@apollo/server/plugin/landingPage/default')
  const plugin = ApolloServerPluginLandingPageLocalDefault({ embed: { runTelemetry: false } })
  // The page plugin uses nothing of the server it is told about.
  const listener = await plugin.serverWillStart?.({} as never)
  const page = await listener?.renderLandingPage?.()
  if (page === undefined) throw new Error('Apollo Server renders no landing page.')
  const { html } = page
  return typeof html === 'string' ? () => Promise.resolve(html) : html
}
