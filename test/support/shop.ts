import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureDevelopmentIssuer, type DevelopmentIssuer } from '../../src/identity/index.js'
import { freePort } from './free-port.js'
import { startProcess, type TestProcess } from './process.js'

export const ROOT = join(import.meta.dirname, '..', '..')

export type SubgraphName = 'user' | 'order' | 'product'
const SUBGRAPHS: readonly SubgraphName[] = ['user', 'order', 'product']
const SIGNING_SECRET = 'a-signing-secret-of-this-test-run'

/** A gateway as a process of its own, from the repository's gateway.yaml. */
export interface ShopGateway {
  readonly url: string
  readonly adminUrl: string
  process: TestProcess
  /** Starts it again on its ports, once the process before has ended. */
  readonly restart: () => Promise<void>
}

export interface ShopSubgraph {
  readonly port: number
  process: TestProcess
  /** Ends it as a crash would. */
  readonly kill: () => Promise<void>
  /** Starts it again on its port. */
  readonly restart: () => Promise<void>
  /** The requests it has logged so far, oldest first. */
  readonly requests: () => readonly LoggedRequest[]
}

/** One line of a subgraph's request log. */
export interface LoggedRequest {
  readonly requestId?: string
  readonly fields?: readonly string[]
  readonly userId?: string
  readonly [key: string]: unknown
}

export interface Shop {
  readonly gateways: readonly ShopGateway[]
  readonly subgraphs: Readonly<Record<SubgraphName, ShopSubgraph>>
  readonly issuer: DevelopmentIssuer
  /** Starts one more gateway over the same subgraphs and stores, from gateway.yaml or another config. */
  readonly addGateway: (
    environment?: Readonly<Record<string, string>>,
    configFile?: string,
  ) => Promise<ShopGateway>
  /** A token of this user for half an hour. */
  readonly token: (userId: string, scopes?: readonly string[], tenant?: string) => Promise<string>
  readonly close: () => Promise<void>
}

export interface ShopOptions {
  readonly gateways?: number
  readonly redisUrl?: string
  readonly databaseUrl: string
  readonly gatewayEnvironment?: Readonly<Record<string, string>>
}

/** Starts the reference shop as it runs in production: every part a process, on free loopback ports. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'shop-'))
  const issuer = await ensureDevelopmentIssuer(join(dataDirectory, 'dev-issuer'))
  const ports = Object.fromEntries(
    await Promise.all(SUBGRAPHS.map(async (name) => [portVariable(name), String(await freePort())])),
  ) as Record<string, string>
  const environment = {
    ...ports,
    DATABASE_URL: options.databaseUrl,
    GATEHOUSE_DATA_DIR: dataDirectory,
    GATEWAY_SIGNING_SECRET: SIGNING_SECRET,
    REDIS_URL: options.redisUrl,
    LOG_LEVEL: 'info',
  }
  const subgraphs = Object.fromEntries(
    await Promise.all(SUBGRAPHS.map(async (name) => [name, await startSubgraph(name, environment)])),
  ) as Record<SubgraphName, ShopSubgraph>
  const gateways: ShopGateway[] = []
  const addGateway: Shop['addGateway'] = async (extra = {}, configFile = 'gateway.yaml') => {
    const environmentOfAll = { ...environment, ...options.gatewayEnvironment }
    const gateway = await startGatewayProcess({ ...environmentOfAll, ...extra }, configFile)
    gateways.push(gateway)
    return gateway
  }
  for (let count = 0; count < (options.gateways ?? 1); count += 1) await addGateway()
  return {
    gateways,
    subgraphs,
    issuer,
    addGateway,
    token: (userId, scopes = [], tenant = 'acme') =>
      issuer.issueToken({ userId, scopes, tenant, plan: 'free' }, 1_800),
    async close() {
      await Promise.all(gateways.map((gateway) => gateway.process.stop()))
      await Promise.all(Object.values(subgraphs).map((subgraph) => subgraph.process.stop()))
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}

async function startGatewayProcess(
  environment: Readonly<Record<string, string | undefined>>,
  configFile: string,
): Promise<ShopGateway> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const args = [
    'dist/src/main.js',
    'serve',
    '--config',
    configFile,
    '--port',
    String(port),
    '--admin-port',
    String(adminPort),
  ]
  const start = async () => {
    const running = startProcess(process.execPath, args, { cwd: ROOT, env: environment })
    await running.printed(/Gatehouse serves/)
    return running
  }
  const gateway: ShopGateway = {
    url: `http://127.0.0.1:${String(port)}`,
    adminUrl: `http://127.0.0.1:${String(adminPort)}`,
    process: await start(),
    async restart() {
      gateway.process = await start()
    },
  }
  return gateway
}

async function startSubgraph(
  name: SubgraphName,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ShopSubgraph> {
  const start = async () => {
    const running = startProcess(process.execPath, [`dist/subgraphs/${name}/server.js`], {
      cwd: ROOT,
      env: environment,
    })
    await running.printed(/"type":"ready"/)
    return running
  }
  const subgraph: ShopSubgraph = {
    port: Number(environment[portVariable(name)]),
    process: await start(),
    async kill() {
      subgraph.process.signal('SIGKILL')
      await subgraph.process.exited
    },
    async restart() {
      subgraph.process = await start()
    },
    requests: () =>
      subgraph.process
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{') && line.includes('requestId'))
        .map((line) => JSON.parse(line) as LoggedRequest),
  }
  return subgraph
}

function portVariable(name: SubgraphName): string {
  return `${name.toUpperCase()}_PORT`
}
