/**
 * Who may import whom (docs/lifecycle.md draws it). Checked by `npm run boundaries`, a part of `npm run check`.
 * test/unit/boundaries.test.ts seeds a violation of each rule and expects it to be caught.
 */
const FEATURES =
  'identity|limits|documents|authorization|federation|execution|upstream|cache|streaming|usage|webhooks'
const OURS = '^(src|bff|subgraphs|test)/'

const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: OURS, pathNot: [from, ...allowed] },
})
const fenced = (name, packages, homes) => ({
  name,
  severity: 'error',
  from: { path: OURS, pathNot: [...homes, '^test/'] },
  to: { path: `(^|/)node_modules/(${packages})(/|$)`, dependencyTypesNot: ['type-only'] },
})

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('contract-is-a-leaf', '^src/contract/', []),
    only('kernel-sees-contract', '^src/kernel/', ['^src/contract/']),
    only('infra-sees-kernel', '^src/infra/', ['^src/(contract|kernel)/', '^src/infra/']),
    {
      name: 'features-do-not-meet',
      severity: 'error',
      from: { path: `^src/(${FEATURES})/` },
      to: { path: OURS, pathNot: ['^src/(contract|kernel)/', '^src/$1/'] },
    },
    {
      name: 'features-through-their-index',
      severity: 'error',
      from: { pathNot: `^(src/(${FEATURES})/|test/)` },
      to: { path: `^src/(${FEATURES})/`, pathNot: `^src/(${FEATURES})/(index|options)\\.ts$` },
    },
    only('config-sees-options', '^src/config/', ['^src/(contract|kernel)/', '^src/[^/]+/options\\.ts$']),
    {
      name: 'only-the-root-reads-config',
      severity: 'error',
      from: { pathNot: '^(src/[^/]+\\.ts$|src/(config|cli)/|test/)' },
      to: { path: '^src/config/' },
    },
    only('pipeline-sees-kernel', '^src/pipeline/', ['^src/(contract|kernel)/']),
    only('front-ends-see-pipeline', '^src/(http|bff|admin)/', [
      '^src/(contract|kernel|pipeline|http|bff|admin)/',
    ]),
    only('bff-declares-only', '^bff/', ['^src/bff/define-endpoint\\.ts$']),
    only('subgraphs-see-contract', '^subgraphs/', ['^subgraphs/', '^src/contract/']),
    {
      name: 'subgraphs-do-not-meet',
      severity: 'error',
      from: { path: '^subgraphs/([^/]+)/', pathNot: '^subgraphs/kit/' },
      to: { path: '^subgraphs/', pathNot: ['^subgraphs/$1/', '^subgraphs/kit/'] },
    },
    { name: 'not-to-test', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    fenced(
      'planners-only-in-federation',
      '@apollo/(gateway|composition|query-planner|federation-internals)|@graphql-hive/router-query-planner',
      ['^src/federation/'],
    ),
    fenced('apollo-server-only-in-http', '@apollo/server|@as-integrations', ['^src/http/', '^subgraphs/']),
    fenced('redis-only-in-infra', 'ioredis', ['^src/infra/']),
    fenced('postgres-only-in-infra', 'pg', ['^src/infra/', '^subgraphs/kit/']),
    fenced('shield-only-in-authorization', 'graphql-shield|graphql-middleware', ['^src/authorization/']),
    fenced('rate-limit-directive-only-in-limits', 'graphql-rate-limit-directive', ['^src/limits/']),
    fenced('jose-only-in-identity', 'jose', ['^src/identity/']),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
  },
}
