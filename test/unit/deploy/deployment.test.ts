/** docker-compose.yml, Dockerfile and nginx.conf, against each other and against the code they run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { loadConfigFile, type LoadedConfig } from '../../../src/config/load.js'
import { assertFitForProduction } from '../../../src/config/production.js'
import { findFaults, isBuilt, readCompose, textsOf, type Service } from './check-compose.js'
import { interpolate } from './interpolate.js'
import { readStages, type Instruction } from './read-dockerfile.js'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const fileExists = (path: string) => existsSync(join(ROOT, path))

const composeText = read('docker-compose.yml')
const parseCompose = (text: string) => readCompose(parse(text, { merge: true }))
const compose = parseCompose(composeText)
const stages = readStages(read('Dockerfile'))
const image = stages.at(-1) ?? []
const around = { fileExists, imageHasHealthcheck: image.some(({ name }) => name === 'HEALTHCHECK') }
const SECRETS = {
  GATEWAY_SIGNING_SECRET: 'a-secret-of-this-test',
  API_KEY_PEPPER: 'a-pepper-of-this-test-and-no-other',
  POSTGRES_PASSWORD: 'a-password',
}

const serviceOf = (name: string): Service => {
  const service = compose.services[name]
  if (service === undefined) throw new Error(`There is no service ${name}.`)
  return service
}
const environmentOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(serviceOf(name).environment).map(([key, value]) => [
      key,
      interpolate(String(value), SECRETS).text,
    ]),
  )

describe('docker-compose.yml', () => {
  it('has nothing that Compose or a first start would stumble over', () => {
    expect(findFaults(compose, around)).toEqual([])
  })

  it.each([
    ['service_completed_successfully', 'service_finished', /condition|Invalid/],
    ['redis: { condition', 'cache: { condition', /depends on cache/],
    [
      "healthcheck: { test: ['CMD', 'redis-cli', 'ping'], interval: 2s, timeout: 2s, retries: 15 }",
      '',
      /health of redis/,
    ],
    ['      - postgres-data:', '      - tables:', /volume tables/],
    ['./deploy/nginx.conf', './deploy/other.conf', /other\.conf does not exist/],
    ["'${HTTP_PORT:-8080}:8080'", "'web:8080'", /publishes no port/],
    ['dist/subgraphs/user/server.js', 'dist/subgraphs/users/server.js', /users\/server\.ts/],
    ['${HTTP_PORT:-8080}', '${HTTP_PORT}', /HTTP_PORT has neither/],
    [
      'POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}',
      'POSTGRES_PASSWORD: abc',
      /POSTGRES_PASSWORD is written down/,
    ],
    [
      'gatehouse:${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}@',
      'gatehouse:abc@',
      /DATABASE_URL holds a password/,
    ],
    ['interval: 2s, timeout: 2s, retries: 15', 'interval: 2, timeout: 2s, retries: 15', /Invalid/],
    ['restart: unless-stopped', 'restrat: unless-stopped', /restrat|Unrecognized|Invalid/],
  ])('would be caught with "%s" as "%s"', (from, to, fault) => {
    expect(composeText).toContain(from)
    const broken = composeText.replaceAll(from, to)
    expect(() => {
      const faults = findFaults(parseCompose(broken), around)
      if (faults.length > 0) throw new Error(faults.join('\n'))
    }).toThrow(fault)
  })

  it('needs two secrets and nothing else to start', () => {
    const required = textsOf(compose).flatMap((text) => interpolate(text).required)
    expect([...new Set(required)].sort()).toEqual(
      Object.keys(SECRETS)
        .filter((name) => name !== 'API_KEY_PEPPER')
        .sort(),
    )
  })

  it('sets only variables that our code or config reads', () => {
    const readable = variablesRead()
    expect(readable).toEqual(expect.arrayContaining(['REDIS_URL', 'DATABASE_URL', 'USER_PORT', 'NODE_ENV']))
    const ours = Object.values(compose.services).filter(isBuilt)
    const set = new Set(ours.flatMap(({ environment }) => Object.keys(environment)))
    expect([...set].filter((name) => !readable.includes(name))).toEqual([])
  })

  it('gives the gateways a config that is valid and fit for production', async () => {
    for (const name of ['gateway-1', 'gateway-2']) {
      const { options } = await gatewayConfig(name)
      expect(() => assertFitForProduction(options)).not.toThrow()
      expect(options.redis.url).toBe('redis://redis:6379')
      // Both gateways know the keys that either of them is asked for.
      expect(options.identity.apiKeys.databaseUrl).toBe(environmentOf('user')['DATABASE_URL'])
      // What either of them counts is one tenant's use, and outlives their containers.
      expect(options.usage.databaseUrl).toBe(environmentOf('user')['DATABASE_URL'])
      for (const [subgraph, { url }] of Object.entries(options.upstream.subgraphs)) {
        const { hostname, port } = new URL(url ?? '')
        expect(hostname).toBe(subgraph)
        expect(environmentOf(hostname)[`${subgraph.toUpperCase()}_PORT`]).toBe(port)
        expect(environmentOf(hostname)['GATEWAY_SIGNING_SECRET']).toBe(options.upstream.signing.secret)
      }
      const [issuer] = options.identity.issuers
      const mount = `issuer-keys:/app/${issuer?.jwksFile?.replace(/\/[^/]+$/, '') ?? ''}`
      expect(serviceOf(name).volumes).toContain(`${mount}:ro`)
      expect(serviceOf('issuer').volumes).toContain(mount)
    }
  })

  it('waits longer for a gateway to stop than the gateway waits for its requests', async () => {
    const { options } = await gatewayConfig('gateway-1')
    const grace = /^(\d+)s$/.exec(serviceOf('gateway-1').stop_grace_period ?? '')?.[1]
    expect(Number(grace) * 1_000).toBeGreaterThan(options.server.drainTimeoutMs + 1_000)
  })
})

describe('deploy/nginx.conf', () => {
  const config = read('deploy/nginx.conf')

  it('passes requests to services and ports that there are, and listens where the port is published', () => {
    const servers = [...config.matchAll(/^\s*server ([\w-]+):(\d+) resolve/gm)].map(([, name = '', port]) => [
      name,
      port,
    ])
    expect(servers).toEqual([
      ['gateway-1', '4000'],
      ['gateway-2', '4000'],
      ['user', environmentOf('user')['USER_PORT']],
      ['product', environmentOf('product')['PRODUCT_PORT']],
    ])
    expect(image).toContainEqual({ name: 'EXPOSE', text: '4000' })
    const listens = /^\s*listen (\d+);/m.exec(config)?.[1]
    expect(serviceOf('nginx').ports.map((port) => port.split(':').at(-1))).toEqual([listens])
    // Each name resolved anew needs a zone to be kept in, and somebody to ask.
    expect(config.match(/^\s*zone \w+ 64k;/gm)).toHaveLength(config.match(/^\s*upstream /gm)?.length ?? 0)
    expect(config).toMatch(/^\s*resolver 127\.0\.0\.11 /m)
  })

  it('lets go of connections before the gateways do, and of bodies after they would', async () => {
    const { options } = await gatewayConfig('gateway-1')
    const kept = Number(/^\s*keepalive_timeout (\d+)s;/m.exec(config)?.[1])
    expect(kept * 1_000).toBeLessThan(options.server.keepAliveTimeoutMs)
    const body = Number(/^\s*client_max_body_size (\d+)m;/m.exec(config)?.[1])
    expect(body * 1_048_576).toBeGreaterThan(options.server.limits.bodyBytes)
    const waits = Number(/^\s*proxy_read_timeout (\d+)s;/m.exec(config)?.[1])
    expect(waits * 1_000).toBeGreaterThan(options.server.requestTimeoutMs)
    const sockets = Number(/location = \/graphql \{[^}]*proxy_read_timeout (\d+)s;/.exec(config)?.[1])
    expect(sockets * 1_000).toBeGreaterThan(2 * options.server.webSocket.pingIntervalMs)
  })
})

describe('Dockerfile', () => {
  const of = (name: string, stage: readonly Instruction[] = image) =>
    stage.filter((instruction) => instruction.name === name).map(({ text }) => text)

  it('is built and run on glibc: the native planner has no other addon', () => {
    for (const stage of stages)
      expect(of('FROM', stage)).toEqual([expect.stringMatching(/^node:20-bookworm-slim( AS build)?$/)])
    const addons = readdirSync(join(ROOT, 'node_modules/@graphql-hive/router-query-planner/dist'))
    expect(addons).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/linux-x64-gnu\.node$/),
        expect.stringMatching(/linux-arm64-gnu\.node$/),
      ]),
    )
    expect(addons.filter((file) => file.includes('musl'))).toEqual([])
  })

  it('takes over only what a build makes or the repository has', () => {
    const sources = of('COPY')
      .flatMap((text) => text.split(' ').slice(1, -1))
      .map((path) => path.replace('/app/', ''))
    expect(sources).toEqual(
      expect.arrayContaining(['dist', 'gateway.yaml', 'node_modules', 'policy', 'schema']),
    )
    const made = ['dist', 'node_modules']
    expect(sources.filter((path) => !made.includes(path) && !fileExists(path))).toEqual([])
    const ignored = read('.dockerignore').split('\n')
    expect(sources.filter((path) => !made.includes(path) && ignored.includes(path))).toEqual([])
    // What the config names must be among it.
    const config = parse(read('gateway.yaml'))
    const named = [config.supergraph.file, config.authorization.rules, config.bff.directory]
    for (const path of named) expect(sources).toContain(String(path).split('/')[0])
  })

  it('does not run as root, but owns the folder that the issuer writes to', () => {
    expect(of('USER')).toEqual(['node'])
    expect(Object.values(compose.services).filter(({ user }) => user !== undefined)).toEqual([])
    expect(of('RUN')).toEqual(['mkdir -p .data/dev-issuer && chown -R node:node .data'])
  })

  it('starts and checks itself in exec form with files that are there', () => {
    const [command = ''] = of('CMD')
    const words = JSON.parse(command) as string[]
    expect(words[0]).toBe('node')
    expect(words).toEqual(expect.arrayContaining(['dist/src/main.js', 'serve', '--config', 'gateway.yaml']))
    expect(fileExists('src/main.ts')).toBe(true)
    const [health = ''] = of('HEALTHCHECK')
    const probe = JSON.parse(/CMD (\[.*\])$/.exec(health)?.[1] ?? 'null') as string[]
    expect(probe.slice(0, 2)).toEqual(['node', '-e'])
    expect(probe[2]).toContain('/health/ready')
  })
})

async function gatewayConfig(name: string): Promise<LoadedConfig> {
  return loadConfigFile(join(ROOT, 'gateway.yaml'), environmentOf(name))
}

/** Names of environment variables in the configs, and in the code where it reads its environment. */
function variablesRead(): readonly string[] {
  const sources = ['src', 'subgraphs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.name.endsWith('.ts'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  )
  const inCode = /(?:environment\[|\bread\(|toPortOf\(|portVariable: )'([A-Z][A-Z0-9_]+)'/g
  const inConfig = /\$\{env\.([A-Z][A-Z0-9_]+)/g
  return [
    ...sources.flatMap((text) => [...text.matchAll(inCode)]),
    ...[...read('gateway.yaml').matchAll(inConfig)],
  ].map(([, name = '']) => name)
}
