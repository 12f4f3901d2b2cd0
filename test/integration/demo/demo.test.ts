/** `gatehouse demo` as a newcomer meets it: embedded databases, no Redis, from dist/ as `npm test` built it. */
import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { crowding } from '../../support/crowding.js'
import { eventually } from '../../support/eventually.js'
import { freePort } from '../../support/free-port.js'
import { askGraphql } from '../../support/graphql-client.js'
import { startProcess, type TestProcess } from '../../support/process.js'
import { ROOT } from '../../support/shop.js'
import { findPlace, isTaken, portsInUse, type DemoPlace } from './demo-place.js'
import { processesOf } from './processes-of.js'

const places: DemoPlace[] = []
const running: TestProcess[] = []

async function newPlace(): Promise<DemoPlace> {
  const place = await findPlace()
  places.push(place)
  return place
}

function startDemo(place: DemoPlace, environment: Readonly<Record<string, string>> = {}): TestProcess {
  const demo = startProcess(process.execPath, [join(ROOT, 'dist', 'src', 'main.js'), 'demo'], {
    // Somewhere else than the package: nothing may depend on where it is started.
    cwd: place.dataDirectory,
    env: { ...place.environment, ...environment },
  })
  running.push(demo)
  return demo
}

const isReady = /Ctrl-C stops everything; the data stays\.\n/
const expectAllGone = (place: DemoPlace) =>
  eventually(
    () => processesOf(place.dataDirectory),
    (pids) => pids.length === 0,
  )

afterAll(async () => {
  await Promise.all(running.map((each) => each.stop()))
  await Promise.all(places.map((place) => expectAllGone(place).then(place.remove)))
})

describe('the demo', () => {
  let place: DemoPlace
  let demo: TestProcess
  let tokens: { user: string; admin: string }
  let tries: readonly string[]

  beforeAll(async () => {
    place = await newPlace()
    demo = startDemo(place)
    await demo.printed(isReady)
    const [, user = '', admin = ''] =
      /A user token:\n(\S+)\n\n {2}An admin token:\n(\S+)\n/.exec(demo.output()) ?? []
    tokens = { user, admin }
    const shown = demo.output().split('  Try:\n\n')[1] ?? ''
    tries = shown.split('\n\n').filter((each) => each.startsWith('curl'))
  })

  const runAsPrinted = (command: string | undefined): string => {
    const { status, stdout } = spawnSync('bash', ['-c', command ?? 'false'], { encoding: 'utf8' })
    expect(status).toBe(0)
    return stdout
  }

  it('prints where everything is, two tokens and three requests, and nothing of any log', () => {
    const { url, ports } = place
    for (const address of [`${url}/graphql`, `${url}/graphiql`, `${url}/mobile/home`, `${url}/health/ready`])
      expect(demo.output()).toContain(address)
    expect(demo.output()).toContain(`http://127.0.0.1:${String(ports.ADMIN_PORT)}/metrics`)
    expect(demo.output()).toContain('in this process (no REDIS_URL)')
    expect(tries).toHaveLength(3)
    expect(demo.output()).not.toMatch(/^\{/m)
  })

  it('tells what it prepares at the first start', () => {
    for (const name of ['user', 'order', 'product'])
      expect(demo.output()).toMatch(new RegExp(`^ {2}${name}: \\w+`, 'm'))
  })

  it('listens where the banner says', async () => {
    const shown = [...demo.output().matchAll(/^ {2}\S.*?(http:\/\/\S+\/(?:graphiql|ready|metrics))/gm)]
    expect(shown).toHaveLength(3)
    for (const [, address = ''] of shown)
      expect((await fetch(address, { headers: { accept: 'text/html, */*' } })).status).toBe(200)
  })

  it('answers its first request, as printed, with data of all three subgraphs', () => {
    const { data, errors } = JSON.parse(runAsPrinted(tries[0]))
    expect(errors).toBeUndefined()
    expect(data.me.name).toMatch(/\w/)
    expect(data.me.recommendedProducts).toHaveLength(3)
    expect(data.me.orders.nodes).toHaveLength(2)
    const lines = data.me.orders.nodes.flatMap((order: { lines: unknown[] }) => order.lines)
    expect(lines).not.toHaveLength(0)
    for (const line of lines)
      expect(line).toEqual({
        quantity: expect.any(Number),
        product: {
          name: expect.stringMatching(/\w/),
          shippingEstimate: { amount: expect.stringMatching(/^\d+\.\d\d$/) },
        },
      })
  })

  it('answers its second request, as printed, with a home screen for a phone', () => {
    const home = JSON.parse(runAsPrinted(tries[1]))
    expect(Object.keys(home).sort()).toEqual([
      'cartItemCount',
      'greeting',
      'recommendedProducts',
      'unreadNotifications',
    ])
    expect(home.recommendedProducts).not.toHaveLength(0)
    for (const product of home.recommendedProducts) {
      expect(Object.keys(product).sort()).toEqual(['id', 'image', 'name', 'price'])
      expect(product.image.width).toBeLessThanOrEqual(200)
    }
    const picture = runAsPrinted(`curl -sf '${home.recommendedProducts[0].image.url}'`)
    expect(Number(/<svg[^>]* width="(\d+)"/.exec(picture)?.[1])).toBeLessThanOrEqual(200)
  })

  it('answers its third request, as printed, with a catalogue and the headers of the line', () => {
    const [head = '', body = ''] = runAsPrinted(tries[2]).split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1\.1 200 /)
    expect(head).toMatch(/^x-cache: (MISS|HIT)\r$/im)
    expect(head).toMatch(/^ratelimit: /im)
    expect(JSON.parse(body).data.products.nodes).toHaveLength(3)
  })

  it('gives the admin token the scope of its name and that of operators', async () => {
    const claims = JSON.parse(Buffer.from(tokens.admin.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ scope: 'admin gateway:operate', plan: 'enterprise' })
    const { data } = await askGraphql(place.url, '{ me { id } }', { token: tokens.admin })
    expect(data.me.id).toBe('u-2')
  })

  it('gives tokens beside it, as `gatehouse token` prints them', async () => {
    const { stdout } = spawnSync(
      process.execPath,
      [join(ROOT, 'dist', 'src', 'main.js'), 'token', '--user', 'u-7'],
      { env: { ...process.env, GATEHOUSE_DATA_DIR: place.dataDirectory }, encoding: 'utf8' },
    )
    const { data } = await askGraphql(place.url, '{ me { id } }', { token: stdout.trim() })
    expect(data.me.id).toBe('u-7')
  })

  it('is gone within five seconds of Ctrl-C, even when that arrives twice, and keeps its data', async () => {
    const cart = '{ me { cart { itemCount lines { quantity product { id } } } } }'
    const add = 'mutation { addToCart(productId: "p-3", quantity: 2) { itemCount } }'
    const added = await askGraphql(place.url, add, { token: tokens.user })
    expect(added.errors).toEqual([])
    const before = await askGraphql(place.url, cart, { token: tokens.user })
    expect(before.data.me.cart.itemCount).toBe(added.data.addToCart.itemCount)

    demo.signal('SIGINT')
    // As through npm, which passes on what the terminal has sent to the whole group.
    demo.signal('SIGINT')
    const stoppingAt = performance.now()
    expect(await demo.exited).toBe(0)
    await expectAllGone(place)
    expect(performance.now() - stoppingAt).toBeLessThan(5_000 * crowding())
    expect(await portsInUse(place)).toEqual([])

    const startedAt = performance.now()
    demo = startDemo(place)
    await demo.printed(isReady)
    expect(performance.now() - startedAt).toBeLessThan(10_000 * crowding())
    expect(demo.output()).not.toMatch(/: (creating|filling)/)
    // The token is that of the first start: the issuer has kept its key.
    const after = await askGraphql(place.url, cart, { token: tokens.user })
    expect(after.text).toBe(before.text)
  })

  it('takes its subgraphs along when it is killed', async () => {
    expect(processesOf(place.dataDirectory)).toHaveLength(4)
    demo.signal('SIGKILL')
    expect(await demo.exited).toBe('SIGKILL')
    await expectAllGone(place)
    expect(await portsInUse(place)).toEqual([])
  })

  const onLinux = process.platform === 'linux' ? it : it.skip
  onLinux(
    'lets only the gateway be reached from elsewhere when HOST says so (127.0.0.2: Linux)',
    async () => {
      demo = startDemo(place, { HOST: '127.0.0.2' })
      await demo.printed(isReady)
      const reachable = Object.entries(place.ports).map(async ([variable, port]) =>
        (await isTaken(port, '127.0.0.2')) ? [variable] : [],
      )
      expect((await Promise.all(reachable)).flat()).toEqual(['PORT'])
      demo.signal('SIGTERM')
      expect(await demo.exited).toBe(0)
    },
  )
})

describe('a demo that cannot start', () => {
  const occupy = async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => holder.once('listening', resolve))
    const address = holder.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return { port, release: () => new Promise((resolve) => holder.close(resolve)) }
  }
  /** What it printed, without the progress of subgraphs that were prepared side by side. */
  const errorsOf = (demo: TestProcess) =>
    demo
      .output()
      .split('\n')
      .filter((line) => line !== '' && !/^ {2}(user|order|product): /.test(line))

  it.each(['PORT', 'ADMIN_PORT'] as const)(
    'says in one line that the port of %s is taken, before it prepares anything',
    async (variable) => {
      const place = await newPlace()
      const { port, release } = await occupy()
      const demo = startDemo(place, { [variable]: String(port) })
      expect(await demo.exited).toBe(1)
      expect(demo.output()).toBe(
        `Port ${String(port)} on 127.0.0.1 is taken. Set ${variable} to another one.\n`,
      )
      await release()
      expect(processesOf(place.dataDirectory)).toEqual([])
    },
  )

  it('says in one line which subgraph port is taken, and stops the other subgraphs', async () => {
    const place = await newPlace()
    const { port, release } = await occupy()
    const demo = startDemo(place, { ORDER_PORT: String(port) })
    expect(await demo.exited).toBe(1)
    await release()
    expect(errorsOf(demo)).toEqual([
      `The order subgraph did not start: ORDER_PORT: port ${String(port)} is taken`,
    ])
    expect(processesOf(place.dataDirectory)).toEqual([])
  })

  it('says in one line that DATABASE_URL cannot be reached, without its password', async () => {
    const place = await newPlace()
    const database = `postgres://shop:hunter2@127.0.0.1:${String(await freePort())}/shop`
    const demo = startDemo(place, { DATABASE_URL: database })
    expect(await demo.exited).toBe(1)
    expect(errorsOf(demo)).toEqual([
      expect.stringMatching(
        /^The (user|order|product) subgraph did not start: DATABASE_URL: the database cannot be reached \(ECONNREFUSED\)$/,
      ),
    ])
    expect(processesOf(place.dataDirectory)).toEqual([])
  })

  it('can be stopped while it prepares the databases', async () => {
    const place = await newPlace()
    const demo = startDemo(place)
    await demo.printed(/creating the database/)
    demo.signal('SIGINT')
    expect(await demo.exited).toBe(0)
    expect(demo.output()).not.toContain('Gatehouse is ready')
    expect(processesOf(place.dataDirectory)).toEqual([])
  })

  it('is refused in production', async () => {
    const place = await newPlace()
    const demo = startDemo(place, { NODE_ENV: 'production' })
    expect(await demo.exited).toBe(1)
    expect(demo.output()).toMatch(/^The demo .* does not run with NODE_ENV=production\.\n$/)
  })
})
