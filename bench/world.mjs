/** What stands around the gateways: subgraphs, supergraph files, the full line's config, a signed token. */
import { fork, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { once } from 'node:events'
import { join } from 'node:path'
import { SHOP } from './graph/shop.mjs'
import { composeSupergraph } from './graph/supergraph.mjs'
import { ensureDevelopmentIssuer } from '../dist/src/identity/index.js'

/** A job that hangs would hang the whole run: it ends after so long, and so much for each request. */
const START_OF_JOB_MS = 60_000
const SLOWEST_REQUEST_MS = 200

const here = import.meta.dirname
export const results = join(here, 'results')
/** Files of this run alone: gateways watch theirs, and another run must not change them. */
export const runDirectory = join(results, `run-${process.pid}`)
process.on('exit', () => rmSync(runDirectory, { recursive: true, force: true }))
export const canPin =
  availableParallelism() > 1 && spawnSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' }).status === 0

/** Core 1 is the gateway's alone; subgraphs, clients and this process share core 0. */
export function pinned(core, command) {
  return canPin ? ['taskset', '-c', String(core), ...command] : command
}

export function pinThisProcess() {
  if (canPin) spawnSync('taskset', ['-cp', '0', String(process.pid)], { stdio: 'ignore' })
}

/** Starts a helper of ours; what it inherits includes the core. */
function startHelper(file) {
  const child = fork(join(here, file), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  child.once('exit', (code) => {
    if (!child.isStopping) throw new Error(`${file} ended with ${code}`)
  })
  return child
}

async function ask(child, message) {
  const answer = once(child, 'message')
  child.send(message)
  return (await answer)[0]
}

function stopHelper(child) {
  child.isStopping = true
  child.kill('SIGKILL')
}

export async function startWorld() {
  mkdirSync(runDirectory, { recursive: true })
  const subgraphs = startHelper('graph/subgraph-process.mjs')
  const [{ urls }] = await once(subgraphs, 'message')
  const clients = startHelper('load/load-process.mjs')
  const file = (name, text) => {
    const path = join(runDirectory, name)
    writeFileSync(path, text)
    return path
  }
  const config = (name, content) => file(`${name}.yaml`, JSON.stringify(content))
  const issuer = await ensureDevelopmentIssuer(join(runDirectory, 'issuer'))
  const supergraph = file('supergraph.graphql', composeSupergraph(urls))
  const guarded = file('supergraph-guarded.graphql', composeSupergraph(urls, { isGuarded: true }))
  return {
    urls,
    supergraph,
    bareConfig: config('bare', unshared(bareConfig(supergraph))),
    fullConfig: config('full', unshared(fullConfig(guarded, issuer))),
    bareSharedConfig: config('bare-shared', bareConfig(supergraph)),
    fullSharedConfig: config('full-shared', fullConfig(guarded, issuer)),
    shopConfig: config('shop', unshared(bare(shopConfig(urls, issuer)))),
    fullShopConfig: config('shop-full', unshared(shopConfig(urls, issuer))),
    jwksFile: issuer.jwksFile,
    token: await issuer.issueToken(
      { userId: 'u-1', tenant: 'acme', plan: 'enterprise', scopes: ['profile', 'prices'], roles: ['buyer'] },
      6 * 3600,
    ),
    fetches: async () => (await ask(subgraphs, {})).fetches,
    load: async (job) => {
      const timeoutMs = START_OF_JOB_MS + job.requests * SLOWEST_REQUEST_MS
      const { result, error } = await ask(clients, { ...job, timeoutMs })
      if (error !== undefined) throw new Error(error)
      return result
    },
    stop: () => [subgraphs, clients].forEach(stopHelper),
  }
}

/** What `gatehouse serve --supergraph FILE` has on, without a log line per request. */
function bareConfig(supergraph) {
  return {
    supergraph: { file: supergraph },
    log: { level: 'warn' },
    limits: { requests: { enabled: false } },
    cache: { enabled: false },
  }
}

/** Every request does all of its work itself, as with the peers. */
function unshared(config) {
  const upstream = { ...config.upstream, shareInFlight: false }
  return { ...config, execution: { shareInFlight: false }, upstream }
}

/** Everything a production gateway has on; the limit is counted and never reached. */
function fullConfig(supergraph, issuer) {
  return {
    supergraph: { file: supergraph },
    log: { level: 'info' },
    identity: {
      issuers: [{ issuer: issuer.issuer, audience: issuer.audience, jwksFile: issuer.jwksFile }],
    },
    limits: { requests: { perWindow: { enterprise: 1_000_000_000 } } },
    authorization: { rules: join(here, 'peers/gatehouse-rules.mjs') },
    upstream: { signing: { secret: 'a secret of the benchmark, known to nobody else' } },
  }
}

/** The reference shop's endpoints on the full line. */
function shopConfig(urls, issuer) {
  const config = fullConfig(join(here, '../schema/supergraph.graphql'), issuer)
  return {
    ...config,
    authorization: { rules: join(here, '../policy/rules.js') },
    bff: { directory: join(here, '../dist/bff') },
    upstream: {
      ...config.upstream,
      subgraphs: Object.fromEntries(SHOP.map((name) => [name, { url: urls[name] }])),
    },
  }
}

/** Without what a bare line has not; callers still need to be signed in. */
function bare(config) {
  return {
    ...config,
    log: { level: 'warn' },
    limits: { requests: { enabled: false } },
    authorization: {},
    cache: { enabled: false },
    upstream: { subgraphs: config.upstream.subgraphs },
  }
}
