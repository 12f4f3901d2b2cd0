import { createHash } from 'node:crypto'
import { buildSchema, parse, type OperationDefinitionNode } from 'graphql'
import { createBffEngine, defineEndpoint } from '../../../src/bff/index.js'
import { createHttpServer } from '../../../src/http/index.js'
import { httpOptions } from '../../../src/http/options.js'
import { createIdentity, type Identity } from '../../../src/identity/index.js'
import { identityOptions } from '../../../src/identity/options.js'
import { createLimitStore } from '../../../src/infra/limit-store/create-limit-store.js'
import { infraOptions } from '../../../src/infra/options.js'
import { Answer } from '../../../src/kernel/answer.js'
import { GatewayError, toAnswerErrors } from '../../../src/kernel/gateway-error.js'
import type { Generation } from '../../../src/kernel/generation.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { createRequestLimits } from '../../../src/limits/index.js'
import { limitsOptions } from '../../../src/limits/options.js'
import { createKeepingLogger, type LogLine } from '../../support/small-server.js'
import { AUDIENCE, EC_KEY, ISSUER, NOW_SECONDS, RSA_KEY } from '../../unit/identity/identity-world.js'

export const GATEWAY = 'https://api.example'
export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
export const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt'

export const sha256 = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('hex')}`

/** A partner that may do both, and one of another tenant. */
export const CLIENTS = [
  {
    id: 'partner',
    secretHash: sha256('secret-of-partner'),
    scopes: ['order:read', 'order:write', 'user:email'],
    grants: ['client_credentials', 'token_exchange'],
    tenant: 'acme',
    plan: 'pro',
    roles: ['partner', 'buyer'],
  },
  {
    id: 'reader',
    secretHash: sha256('secret-of-reader'),
    scopes: ['order:read'],
    grants: ['token_exchange'],
    tenant: 'acme',
  },
  { id: 'stranger', secretHash: sha256('secret-of-stranger'), grants: ['token_exchange'], tenant: 'globex' },
]

export interface WorldOptions {
  readonly endpoint?: object
  readonly identity?: object
  readonly limits?: object
  readonly clock?: TestClock
}

export interface TestClock {
  ms: number
  now: () => number
}

export const createClock = (): TestClock => {
  const clock = { ms: NOW_SECONDS * 1000, now: () => clock.ms }
  return clock
}

/** What a client sees of an answer. */
export interface View {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: any
}

export interface TokenWorld {
  readonly url: string
  readonly clock: TestClock
  readonly identity: Identity
  readonly lines: LogLine[]
  readonly send: (path: string, init?: RequestInit) => Promise<View>
  /** Posts a form to the token endpoint. */
  readonly ask: (form: string | Record<string, string>, headers?: Record<string, string>) => Promise<View>
  /** Asks as a client, by Basic, and returns the token; fails where there is none. */
  readonly token: (client: string, form: Record<string, string>) => Promise<string>
  /** Whoever the gateway takes the bearer for, on GraphQL. */
  readonly whoIs: (token: string) => Promise<Principal & { readonly scopes: readonly string[] }>
  readonly close: () => Promise<void>
}

export const basic = (id: string, secret: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
})

/** A listener on a free port with the token endpoint, and a graph that tells callers who they are. */
export async function startTokenWorld(options: WorldOptions = {}): Promise<TokenWorld> {
  const clock = options.clock ?? createClock()
  const { logger, lines } = createKeepingLogger()
  const endpoint = { issuer: GATEWAY, audience: 'gatehouse', clients: CLIENTS, ...options.endpoint }
  const identity = createIdentity(
    identityOptions.parse({
      issuers: [{ issuer: ISSUER, audience: AUDIENCE, jwks: { keys: [RSA_KEY.jwk, EC_KEY.jwk] } }],
      resource: { url: GATEWAY },
      tokenEndpoint: endpoint,
      ...options.identity,
    }),
    { clock, logger },
  )
  await identity.start()
  const limitStore = createLimitStore(undefined, infraOptions.parse({}), clock)
  const limits = createRequestLimits(
    limitsOptions.parse(options.limits ?? { requests: { enabled: false } }).requests,
    { limitStore },
  )
  const generation = createMirror(identity)
  const bff = await createBffEngine([ENDPOINT], () => generation)
  bff.prepare(generation)
  const server = createHttpServer(httpOptions.parse({ idleDrainMs: 0 }), {
    current: () => generation,
    identify: identity.stage,
    routes: [...bff.routes, ...identity.routes(limits.stage)],
    resourceMetadataUrl: identity.resourceMetadataUrl,
    health: identity.health,
    logger,
    metrics: NO_METRICS,
    clock,
  })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })

  const send = async (path: string, init: RequestInit = {}): Promise<View> => {
    const response = await fetch(`${url}${path}`, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parsed(text) }
  }
  const ask: TokenWorld['ask'] = (form, headers = {}) =>
    send('/oauth/token', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
    })
  return {
    url,
    clock,
    identity,
    lines,
    send,
    ask,
    token: async (client, form) => {
      const view = await ask(form, basic(client, `secret-of-${client}`))
      if (view.status !== 200) throw new Error(`${String(view.status)} ${view.text}`)
      return view.json.access_token
    },
    whoIs: async (token) => {
      const view = await askGraphql(send, token)
      if (view.status !== 200) throw new Error(`${String(view.status)} ${view.text}`)
      return JSON.parse(view.json.data.me)
    },
    close: async () => {
      await server.close()
      await identity.stop()
    },
  }
}

/** The client of that name, by Basic. */
export const PARTNER = basic('partner', 'secret-of-partner')

/** The form of a token exchange. */
export const exchange = (subject: string, more: Record<string, string> = {}) => ({
  grant_type: EXCHANGE,
  subject_token: subject,
  subject_token_type: ACCESS_TOKEN,
  ...more,
})

export function askGraphql(send: TokenWorld['send'], token: string): Promise<View> {
  return send('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{"query":"{ me }"}',
  })
}

const ENDPOINT = defineEndpoint<{ readonly me: string }>({
  module: new URL('./who.js', import.meta.url).href,
  path: '/bff/who',
  summary: 'Who the caller is.',
  signedIn: true,
  present: ({ me }) => JSON.parse(me) as unknown,
})

/** A generation whose only field is the caller. */
function createMirror(identity: Identity): Generation {
  return {
    id: 'mirror',
    apiSchema: buildSchema('type Query { me: String }'),
    resolveStored: (source) => {
      const document = parse(source)
      const operation = document.definitions[0] as OperationDefinitionNode
      return { hash: 'h', name: 'Who', type: 'query', document, operation, source }
    },
    runOperation: async (received) => {
      const rest = { operation: undefined, cacheStatus: 'BYPASS' } as const
      try {
        const { principal } = await identity.stage.run(received)
        const me = JSON.stringify({ ...principal, scopes: [...principal.scopes] })
        const answer = Answer.fromBody({ data: { me } })
        return { answer, status: 200, refusal: undefined, principal, ...rest }
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error
        const answer = Answer.fromBody({ errors: toAnswerErrors(error) })
        return { answer, status: error.status, refusal: error, principal: undefined, ...rest }
      }
    },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
