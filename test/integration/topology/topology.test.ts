/** What docker-compose.yml puts together, as local processes: nginx, two gateways, Redis, PostgreSQL. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { describeWithShop } from '../../support/describe-with-shop.js'
import { eventually } from '../../support/eventually.js'
import type { ShopGateway } from '../../support/shop.js'
import { closeSockets, openSocketClient } from '../../support/socket-client.js'
import { describeWithNginx, startNginx, type TestNginx } from '../../support/start-nginx.js'
import { Clients, type Heard, type Question } from './ask-from.js'
import { startStream } from './steady-stream.js'

const ANONYMOUS_LIMIT = 300
const TYPENAME: Question = { query: '{ __typename }' }

describeWithNginx('the topology of docker-compose.yml', () => {
  describeWithShop(
    'behind nginx',
    2,
    (world) => {
      const clients = new Clients()
      let nginx: TestNginx
      let tokens: readonly string[]

      beforeAll(async () => {
        const { gateways, subgraphs } = world.shop
        const at = (port: number | string) => `127.0.0.1:${String(port)}`
        nginx = await startNginx({
          'gateway-1:4000': at(portOf(gateways[0])),
          'gateway-2:4000': at(portOf(gateways[1])),
          'user:4001': at(subgraphs.user.port),
          'product:4003': at(subgraphs.product.port),
        })
        tokens = await Promise.all(
          Array.from({ length: 8 }, (_, index) => world.shop.token(`u-${String(index + 1)}`)),
        )
      })

      afterAll(async () => {
        clients.close()
        await nginx.stop()
      })

      it('spreads requests over both gateways', async () => {
        const ids = Array.from({ length: 40 }, (_, index) => `spread-${String(index)}-request`)
        for (const id of ids) {
          const heard = await clients.ask('127.0.0.10', nginx.url, {
            ...TYPENAME,
            headers: { 'x-request-id': id },
          })
          expect(heard.status).toBe(200)
        }
        const shares = await eventually(
          () => world.shop.gateways.map((gateway) => servedBy(gateway, ids).length),
          (served) => sum(served) === ids.length,
        )
        for (const share of shares) expect(share).toBeGreaterThanOrEqual(10)
      })

      it('lets WebSockets through to the gateways', async () => {
        const client = await openSocketClient(nginx.url)
        await client.init()
        client.subscribe('1', '{ __typename }')
        expect((await client.outcome('1'))[0]?.payload).toEqual({ data: { __typename: 'Query' } })
        closeSockets()
      })

      it('counts an address once for both gateways, whatever the client claims to be', async () => {
        const spoof = (number: number): Question => ({
          ...TYPENAME,
          headers: { 'x-forwarded-for': `203.0.113.${String(number % 250)}, 198.51.100.7` },
        })
        const heard: Heard[] = []
        for (let sent = 0; sent < ANONYMOUS_LIMIT + 20; sent += 20) {
          const batch = Array.from({ length: 20 }, (_, index) => spoof(sent + index))
          heard.push(
            ...(await Promise.all(batch.map((question) => clients.ask('127.0.0.2', nginx.url, question)))),
          )
        }
        const refused = heard.filter(({ status }) => status === 429)
        expect(heard.filter(({ status }) => status === 200)).toHaveLength(ANONYMOUS_LIMIT)
        expect(refused).toHaveLength(20)
        for (const { body, headers } of refused) {
          expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['REQUEST_RATE_LIMITED'])
          expect(Number(headers['retry-after'])).toBeGreaterThan(0)
        }

        // The next address begins anew; the count of the first one holds at either gateway, claims or not.
        const neighbour = await clients.ask('127.0.0.3', nginx.url, spoof(1))
        expect(neighbour.headers['x-ratelimit-remaining']).toBe(String(ANONYMOUS_LIMIT - 1))
        for (const { url } of world.shop.gateways) {
          const direct = await clients.ask('127.0.0.2', url, spoof(9))
          expect(direct.status).toBe(429)
        }
      })

      it('believes X-Forwarded-For from the proxy only', async () => {
        const claim: Question = { ...TYPENAME, headers: { 'x-forwarded-for': '203.0.113.77' } }
        const remaining = async (from: string, gateway: number) => {
          const heard = await clients.ask(from, urlOf(world.shop.gateways[gateway]), claim)
          return ANONYMOUS_LIMIT - Number(heard.headers['x-ratelimit-remaining'])
        }
        // From the proxy's own address the claim decides, so that the claim is what is counted …
        expect([await remaining('127.0.0.1', 0), await remaining('127.0.0.1', 1)]).toEqual([1, 2])
        // … from anybody else's it does not, and that caller is counted under his own.
        expect([await remaining('127.0.0.4', 0), await remaining('127.0.0.4', 1)]).toEqual([1, 2])
        expect(await remaining('127.0.0.1', 0)).toBe(3)
      })

      it('remembers an answer for the other gateway', async () => {
        const question: Question = { query: '{ product(id: "p-42") { name price { amount } } }' }
        const [first, second] = world.shop.gateways
        const asked = await clients.ask('127.0.0.5', urlOf(first), question)
        const again = await clients.ask('127.0.0.5', urlOf(second), question)
        const through = await clients.ask('127.0.0.5', nginx.url, question)
        expect([asked, again, through].map(({ headers }) => headers['x-cache'])).toEqual([
          'MISS',
          'HIT',
          'HIT',
        ])
        expect(asked.body.data.product.name).toEqual(expect.any(String))
        expect(again.body).toEqual(asked.body)
        expect(through.body).toEqual(asked.body)
      })

      it('serves the pictures, and nothing else, of the subgraphs', async () => {
        const picture = await fetch(`${nginx.url}/images/p-1.svg?width=64`)
        const avatar = await fetch(`${nginx.url}/avatars/u-1.svg?size=64&initials=AB`)
        for (const { status, headers } of [picture, avatar]) {
          expect([status, headers.get('content-type')]).toEqual([200, 'image/svg+xml; charset=utf-8'])
        }
        expect((await fetch(`${nginx.url}/images/p-1.svg`, { method: 'POST' })).status).toBe(403)
        const around = await fetch(`${nginx.url}/images/%2e%2e/health`)
        expect(await around.text()).not.toContain('"service":"product"')
      })

      it('lets the gateway refuse what is too large, in its own form', async () => {
        const heard = await clients.ask('127.0.0.6', nginx.url, {
          query: `{ __typename } # ${'x'.repeat(1_048_576)}`,
        })
        expect(heard.status).toBe(413)
        expect(heard.body).toMatchObject({ errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] })
      })

      it('loses no request while both gateways are restarted, one after the other', async () => {
        const stream = startStream(clients, nginx.url, (number) => questionOf(number, tokens))
        const seen = [0, 0]
        for (const [index, gateway] of world.shop.gateways.entries()) {
          await servesStream(gateway)
          const before = gateway.process
          before.signal('SIGTERM')
          expect(await before.exited).toBe(0)
          seen[index] = countStream(before.output())
          await gateway.restart()
          // The next one goes only when this one has work again: nginx leaves it alone for a moment.
          await servesStream(gateway)
        }
        const outcomes = await stream.stop()
        expect(outcomes.filter(({ status, codes }) => status !== 200 || codes.length > 0)).toEqual([])
        expect(outcomes.length).toBeGreaterThan(100)
        for (const count of seen) expect(count).toBeGreaterThan(0)
      })

      it('goes on with the other gateway when one is killed; only what that one was doing is lost', async () => {
        const [doomed, survivor] = world.shop.gateways
        if (doomed === undefined || survivor === undefined) throw new Error('There are two.')
        const { product } = world.shop.subgraphs
        // Held up in a subgraph, so that both gateways have requests in flight when one of them dies.
        product.process.signal('SIGSTOP')
        const held = ['POST', 'GET'].flatMap((method) =>
          Array.from({ length: 10 }, (_, index) => {
            const id = `held-${method}-${String(index)}-request`
            return {
              id,
              method: method as 'GET' | 'POST',
              product: `p-${String(index + (method === 'GET' ? 200 : 100))}`,
            }
          }),
        )
        const answers = held.map(({ id, method, product: productId }) =>
          clients.ask('127.0.0.7', nginx.url, {
            query: `{ product(id: "${productId}") { name } }`,
            method,
            headers: { 'x-request-id': id },
          }),
        )
        await eventually(
          () => connectionsTo(product.port),
          (count) => count >= held.length,
        )
        doomed.process.signal('SIGKILL')
        await doomed.process.exited
        const stream = startStream(clients, nginx.url, (number) => questionOf(number, tokens))
        product.process.signal('SIGCONT')

        const heard = await Promise.all(answers)
        const lost = held.filter((_, index) => heard[index]?.status !== 200)
        expect(heard.filter(({ status }) => ![200, 502].includes(status))).toEqual([])
        // Some were lost, or nothing was tried here. GET was asked again of the other gateway; POST never is.
        expect(lost.length).toBeGreaterThan(0)
        expect(lost.filter(({ method }) => method === 'GET')).toEqual([])
        expect(
          servedBy(
            survivor,
            lost.map(({ id }) => id),
          ),
        ).toEqual([])

        await eventually(stream.sent, (sent) => sent >= 100)
        const outcomes = await stream.stop()
        expect(outcomes.filter(({ status }) => status !== 200)).toEqual([])

        await doomed.restart()
        const returned = startStream(clients, nginx.url, (number) => questionOf(number, tokens))
        await servesStream(doomed)
        expect((await returned.stop()).filter(({ status }) => status !== 200)).toEqual([])
      })
    },
    { TRUSTED_PROXIES: '127.0.0.1' },
  )
})

/** Reads and pages, remembered and not, with and without a user; none of them changes anything. */
function questionOf(number: number, tokens: readonly string[]): Question {
  const kinds: readonly Question[] = [
    { query: `{ product(id: "p-${String(1 + (number % 400))}") { name inStock } }` },
    { query: '{ categories { name } }', method: 'GET' },
    { query: '{ me { name cart { itemCount } } }', token: tokens[number % tokens.length] },
    { query: `query Fresh${String(number)} { __typename }` },
  ]
  return kinds[number % kinds.length] ?? TYPENAME
}

function portOf(gateway: ShopGateway | undefined): string {
  return new URL(urlOf(gateway)).port
}

function urlOf(gateway: ShopGateway | undefined): string {
  if (gateway === undefined) throw new Error('There is no such gateway.')
  return gateway.url
}

/** Those of the request ids that stand in a gateway's access log. */
function servedBy(gateway: ShopGateway, ids: readonly string[]): readonly string[] {
  const output = gateway.process.output()
  return ids.filter((id) => output.includes(`"${id}"`))
}

/** Waits until the process that runs now has answered requests of the stream. */
function servesStream(gateway: ShopGateway): Promise<number> {
  return eventually(
    () => countStream(gateway.process.output()),
    (count) => count >= 5,
  )
}

function countStream(output: string): number {
  return output.split('"stream-').length - 1
}

/** The established connections to a port of this machine, as Linux lists them, in hexadecimal. */
async function connectionsTo(port: number): Promise<number> {
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/))
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return rows.filter(([, , to = '', state]) => to.endsWith(remote) && state === '01').length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
