import { Agent, request } from 'undici'
import { serveGraph, type ServedGraph } from '../../support/serve.js'
import type { TestRedis } from '../../support/start-redis.js'

/** Several gateway processes over one Redis, and clients that ask all of them. */
export interface LimitFleet {
  readonly gateways: readonly ServedGraph[]
  /** Asks from so many clients at once, each its own gateway in turn, until `stop` says so or the calls are used up. */
  readonly ask: (load: Load) => Promise<readonly Answered[]>
  readonly close: () => Promise<void>
}

export interface Load {
  readonly clients: number
  readonly calls: number
  readonly stop?: () => boolean
}

export interface Answered {
  readonly status: number
  readonly remaining: number
}

/** No subgraph is asked: what is counted is how often one may come. */
const QUERY = JSON.stringify({ query: '{ __typename }' })

const TYPE_DEFS = 'type Query { item: String }'

export async function startFleet(
  size: number,
  redis: TestRedis,
  limits: object,
  more: { readonly commandTimeoutMs?: number } = {},
): Promise<LimitFleet> {
  const config = JSON.stringify({
    redis: { url: redis.url, commandTimeoutMs: more.commandTimeoutMs ?? 150 },
    limits,
    cache: { enabled: false },
  })
  const gateways = await Promise.all(
    Array.from({ length: size }, () =>
      serveGraph([{ name: 'shop', url: 'http://127.0.0.1:9/graphql', typeDefs: TYPE_DEFS }], {
        files: { 'gateway.yaml': config },
        arguments: ['--config', 'gateway.yaml'],
      }),
    ),
  )
  const agent = new Agent({ connections: null, pipelining: 1 })
  const askOnce = async (url: string): Promise<Answered> => {
    const { statusCode, headers, body } = await request(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: QUERY,
      dispatcher: agent,
    })
    await body.dump()
    const remaining = Number(headers['x-ratelimit-remaining'])
    return { status: statusCode, remaining }
  }
  return {
    gateways,
    ask: async ({ clients, calls, stop = () => false }) => {
      const answers: Answered[] = []
      let left = calls
      const client = async (number: number): Promise<void> => {
        const url = gateways[number % gateways.length]?.url ?? ''
        while (left > 0 && !stop()) {
          left -= 1
          answers.push(await askOnce(url))
        }
      }
      await Promise.all(Array.from({ length: clients }, (_, number) => client(number)))
      return answers
    },
    close: async () => {
      await agent.close()
      await Promise.all(gateways.map((gateway) => gateway.close()))
    },
  }
}

export function countStatus(answers: readonly Answered[], status: number): number {
  return answers.filter((answer) => answer.status === status).length
}
