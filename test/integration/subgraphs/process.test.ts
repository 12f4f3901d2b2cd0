/** The subgraphs as processes of their own, from dist/: `npm test` builds before it runs this. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from '@jest/globals'
import { freePort } from '../../support/free-port.js'
import { startProcess } from '../../support/process.js'
import type { TestProcess } from '../../support/process.js'
import { ask, caller, codes, SECRET } from './ask.js'

const root = join(import.meta.dirname, '..', '..', '..')
const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-subgraphs-'))
const running: TestProcess[] = []

afterEach(() => Promise.all(running.splice(0).map((process) => process.stop())))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

function start(name: string, env: Readonly<Record<string, string>>): TestProcess {
  const child = startProcess(process.execPath, [join(root, 'dist', 'subgraphs', name, 'server.js')], {
    env: { GATEWAY_SIGNING_SECRET: SECRET, GATEHOUSE_DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env },
  })
  running.push(child)
  return child
}

async function readUrl(child: TestProcess): Promise<string> {
  return (await child.printed(/"type":"ready","url":"([^"]+)"/))[1] ?? ''
}

describe('a subgraph as a process', () => {
  it('keeps carts and orders through a stop, and through a kill', async () => {
    const env = { ORDER_PORT: String(await freePort()) }
    const add = 'mutation { addToCart(productId: "p-1", quantity: 1) { itemCount } }'
    const place = `mutation { placeOrder(input: { idempotencyKey: "k", lines: [{ productId: "p-2" }] }) { id } }`

    const first = start('order', env)
    const url = await readUrl(first)
    const before = await ask(url, caller('u-30'), add)
    const placed = await ask(url, caller('u-30'), place)
    expect([before, placed].flatMap(codes)).toEqual([])
    first.signal('SIGKILL')
    expect(await first.exited).toBe('SIGKILL')

    const second = start('order', env)
    await readUrl(second)
    expect((await ask(url, caller('u-30'), place)).data).toEqual(placed.data)
    const { addToCart } = before.data as { addToCart: { itemCount: number } }
    const after = await ask(url, caller('u-30'), add)
    expect(after.data).toEqual({ addToCart: { itemCount: addToCart.itemCount + 1 } })
    second.signal('SIGTERM')
    expect(await second.exited).toBe(0)

    const third = start('order', env)
    await readUrl(third)
    const last = await ask(url, caller('u-30'), add)
    expect(last.data).toEqual({ addToCart: { itemCount: addToCart.itemCount + 2 } })

    const rival = start('order', { ORDER_PORT: String(await freePort()) })
    expect(await rival.exited).toBe(1)
    expect(rival.output()).toMatch(/^order subgraph: .* is in use by process \d+ .*\n$/)
  })

  it('names the port and its variable when the port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => holder.once('listening', resolve))
    const { port } = holder.address() as AddressInfo
    const child = start('user', { USER_PORT: String(port) })
    expect(await child.exited).toBe(1)
    expect(child.output()).toBe(`user subgraph: USER_PORT: port ${port} is taken\n`)
    holder.close()
  })

  it('names DATABASE_URL when nobody answers there, and never its password', async () => {
    const database = `postgres://shop:hunter2@127.0.0.1:${await freePort()}/shop`
    const child = start('user', { USER_PORT: String(await freePort()), DATABASE_URL: database })
    expect(await child.exited).toBe(1)
    expect(child.output()).toBe(
      'user subgraph: DATABASE_URL: the database cannot be reached (ECONNREFUSED)\n',
    )
  })

  it('does not start in production with the secret that everybody knows', async () => {
    const child = start('user', { NODE_ENV: 'production', GATEWAY_SIGNING_SECRET: '' })
    expect(await child.exited).toBe(1)
    expect(child.output()).toContain('GATEWAY_SIGNING_SECRET')
  })
})
