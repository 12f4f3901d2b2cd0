import { eventually } from '../../support/eventually.js'
import { getJson } from '../../support/graphql-client.js'

/** Ends when all gateways say so of Redis. */
export async function whenRedisIs(
  state: 'up' | 'down',
  gateways: readonly { readonly url: string }[],
): Promise<void> {
  await eventually(
    () => Promise.all(gateways.map(({ url }) => redisStateOf(url))),
    (states) => states.every((each) => each === state),
  )
}

async function redisStateOf(url: string): Promise<string | undefined> {
  const { body } = await getJson(`${url}/health/ready`)
  return body.dependencies.find(({ name }: { name: string }) => name === 'redis')?.state
}
