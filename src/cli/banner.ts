import type { RunningGateway } from './command-context.js'

export interface BannerFacts {
  readonly print: (text: string) => void
  readonly gateway: RunningGateway
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[]
  readonly userToken: string
  readonly adminToken: string
  readonly tries: readonly string[]
  readonly databaseDescription: string
}

/** Prints where everything is and what to try first; every line can be copied as it stands. */
export function printBanner(facts: BannerFacts): void {
  const { url, adminUrl } = facts.gateway
  const rows: readonly (readonly [string, string])[] = [
    ['GraphQL', `${url}/graphql   (a browser gets Apollo Sandbox)`],
    ['GraphiQL', `${url}/graphiql   (works offline)`],
    ['BFF', `${url}/mobile/home   ${url}/web/dashboard`],
    ['Health', `${url}/health/ready`],
    ...(adminUrl === undefined ? [] : [['Metrics', `${adminUrl}/metrics`] as const]),
    ...facts.subgraphs.map((subgraph) => [`  ${subgraph.name}`, subgraph.url] as const),
    ['Counts, cache', facts.gateway.storeDescription],
    ['Database', facts.databaseDescription],
  ]
  const lines = [
    '',
    '  Gatehouse is ready.',
    '',
    ...rows.map(([label, value]) => `  ${label.padEnd(14)} ${value}`),
    '',
    '  A user token:',
    facts.userToken,
    '',
    '  An admin token:',
    facts.adminToken,
    '',
    '  Try:',
    '',
    ...facts.tries.map((line) => `${fill(line, url, facts.userToken).trimEnd()}\n`),
    '  Ctrl-C stops everything; the data stays.',
    '',
  ]
  facts.print(lines.join('\n'))
}

function fill(line: string, url: string, token: string): string {
  return line.replaceAll('{url}', url).replaceAll('{token}', token)
}
