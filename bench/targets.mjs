/** Who is measured: how each is started, and which operations it takes. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const here = import.meta.dirname
const product = join(here, '..')
const peer = (file) => join(here, 'peers', file)

/** Operations that compare the same work: nobody shares anything between requests. */
const UNSHARED = ['tiny', 'page', 'large', 'cold']

/** The headers of a caller who brings no token. */
const ANONYMOUS = {}

/**
 * `arguments` and `environment` of a Node process that listens on `port`. `headers` go with every request to it.
 * `world` has the addresses of the subgraphs, the files of the run and a token.
 */
export function allTargets(world) {
  const signedIn = { authorization: `Bearer ${world.token}` }
  const serve = (port) => [
    join(product, 'dist/src/main.js'),
    'serve',
    '--port',
    String(port),
    '--admin-port',
    '0',
  ]
  return [
    graph('gatehouse', 'Gatehouse, bare line', UNSHARED, world.bareConfig, ANONYMOUS),
    graph('gatehouse-full', 'Gatehouse, full line', UNSHARED, world.fullConfig),
    graph(
      'gatehouse-shared',
      'Gatehouse, bare line, sharing on',
      ['shared'],
      world.bareSharedConfig,
      ANONYMOUS,
    ),
    graph('gatehouse-full-shared', 'Gatehouse, full line, sharing on', ['shared'], world.fullSharedConfig),
    graph('gatehouse-home', 'Gatehouse, identity only', ['home'], world.shopConfig),
    graph('gatehouse-home-full', 'Gatehouse, full line', ['home'], world.fullShopConfig),
    {
      name: 'apollo',
      title: 'Apollo Gateway + Apollo Server',
      operations: UNSHARED,
      arguments: () => [peer('apollo.mjs')],
      environment: { SUPERGRAPH: world.supergraph, APOLLO_TELEMETRY_DISABLED: 'true' },
    },
    hive('hive-js', 'Hive Gateway, JavaScript planner', UNSHARED, { HIVE_PLANNER: 'js' }),
    hive('hive-rust', 'Hive Gateway, Rust planner', UNSHARED, { HIVE_PLANNER: 'rust' }),
    hive('hive-rust-shared', 'Hive Gateway, Rust planner, dedupe on', ['shared'], {
      HIVE_PLANNER: 'rust',
      HIVE_SHARE: '1',
    }),
    {
      name: 'mercurius',
      title: 'Mercurius + gateway + JIT (Federation 1)',
      operations: UNSHARED,
      arguments: () => [peer('mercurius.mjs')],
      environment: { SUBGRAPH_URLS: JSON.stringify(world.urls) },
    },
    bff('bff', 'Hand-written BFF, fetches of Apollo’s plan', ['tiny', 'page', 'large'], 'planned'),
    bff('bff-lean', 'Hand-written BFF, fewest fetches', ['large'], 'lean'),
    {
      name: 'bff-home',
      title: 'Hand-written endpoint: jose, undici',
      operations: ['home'],
      arguments: () => [peer('bff-home.mjs')],
      environment: { SUBGRAPH_URLS: JSON.stringify(world.urls), JWKS_FILE: world.jwksFile },
      headers: signedIn,
    },
  ]

  function graph(name, title, operations, config, headers = signedIn) {
    return {
      name,
      title,
      operations,
      arguments: (port) => [...serve(port), '--config', config],
      environment: {},
      headers,
    }
  }

  function hive(name, title, operations, environment) {
    const require = createRequire(join(here, 'package.json'))
    const bin = join(dirname(require.resolve('@graphql-hive/gateway')), 'bin.js')
    return {
      name,
      title,
      operations,
      arguments: () => [bin, 'supergraph', '--config-path', peer('hive.config.mjs'), '--fork', '1'],
      environment: { SUPERGRAPH: world.supergraph, ...environment },
    }
  }

  function bff(name, title, operations, style) {
    return {
      name,
      title,
      operations,
      isHandWritten: true,
      arguments: () => [peer('bff.mjs')],
      environment: { SUBGRAPH_URLS: JSON.stringify(world.urls), BFF_STYLE: style },
    }
  }
}

/** The paths under which a hand-written BFF answers what the operations ask. */
export const HAND_WRITTEN_PATHS = { tiny: '/tiny', page: '/page?first=2', large: '/large' }
