/** Every command of the README, run as it stands there; only the ports and the data folder are the test's own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import { freePort } from '../../support/free-port.js'
import { askGraphql } from '../../support/graphql-client.js'
import { ROOT } from '../../support/shop.js'
import { findPlace, type DemoPlace } from './demo-place.js'
import { processesOf } from './processes-of.js'

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const blocks = [...README.matchAll(/^```(?:sh|bash|shell|console)\n([\s\S]*?)^```$/gm)].map(
  ([, text = '']) => text,
)

let place: DemoPlace

beforeAll(async () => {
  place = await findPlace()
})

afterAll(async () => {
  for (const pid of processesOf(place.dataDirectory)) process.kill(pid, 'SIGKILL')
  await eventually(
    () => processesOf(place.dataDirectory),
    (pids) => pids.length === 0,
  )
  await place.remove()
})

/** Runs a block in bash, as the leader of a group, as a terminal would. */
function startBlock(block: string) {
  const { PATH, HOME, TMPDIR } = process.env
  const child = spawn('bash', ['-ec', block], {
    cwd: ROOT,
    env: { PATH, HOME, TMPDIR, ...place.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return {
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr })),
    printed: (pattern: RegExp, withinMs: number) =>
      eventually(
        () => `${stdout}${stderr}`,
        (output) => pattern.test(output),
        withinMs,
      ),
    /** How it ended and what it said last; `undefined` while it runs. */
    end: () =>
      child.exitCode === null && child.signalCode === null
        ? undefined
        : { code: child.exitCode, signal: child.signalCode, said: `${stdout}${stderr}`.slice(-2_000) },
    /** Ctrl-C: the terminal signals the whole foreground group. */
    interrupt: () => process.kill(-(child.pid ?? 0), 'SIGINT'),
  }
}

async function runBlock(block: string) {
  const result = await startBlock(block).ended
  expect({ code: result.code, stderr: result.stderr }).toMatchObject({ code: 0 })
  return result
}

/** Takes the next block that matches; at the end none may be left over. */
function take(pattern: RegExp): string {
  const index = blocks.findIndex((block) => pattern.test(block))
  expect({ pattern, found: index >= 0 }).toEqual({ pattern, found: true })
  return blocks.splice(index, 1)[0] ?? ''
}

describe('the README', () => {
  let start: ReturnType<typeof startBlock>

  /** Runs a block "in a second terminal, while `npm start` runs". */
  const runBeside = (block: string) => {
    expect(start.end()).toBeUndefined()
    return runBlock(block.replaceAll('127.0.0.1:4000', `127.0.0.1:${String(place.ports.PORT)}`))
  }

  it('starts everything', async () => {
    start = startBlock(take(/^npm start\n$/))
    await start.printed(/Ctrl-C stops everything/, 50_000)
  })

  it('runs the tests', () => {
    // It is what runs this test: it can only be looked at from here.
    expect(take(/^npm test\n$/)).toBe('npm test\n')
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(scripts.test).toBe('node scripts/test.mjs')
    expect(existsSync(join(ROOT, 'scripts', 'test.mjs'))).toBe(true)
  })

  it('gets one operation over three subgraphs answered', async () => {
    const { stdout } = await runBeside(take(/^# 1\./))
    const { data, errors } = JSON.parse(stdout)
    expect(errors).toBeUndefined()
    expect(data.me.orders.nodes[0].lines[0].product.name).toMatch(/\w/)
  })

  it('gets a refused field without the scope, and the rest', async () => {
    const { stdout } = await runBeside(take(/^# 2\./))
    const { data, errors } = JSON.parse(stdout)
    expect(data.me).toEqual({ name: expect.stringMatching(/\w/), orders: null })
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['me', 'orders'],
        extensions: expect.objectContaining({ code: 'UNAUTHORIZED_FIELD_OR_TYPE' }),
      }),
    ])
  })

  it('gets a REST endpoint answered', async () => {
    const { stdout } = await runBeside(take(/^# 3\./))
    expect(JSON.parse(stdout).recommendedProducts).not.toHaveLength(0)
  })

  it('takes and drops an API key as the guide does', async () => {
    const guide = readFileSync(join(ROOT, 'docs', 'guides', 'api-keys.md'), 'utf8')
    const block = /^```sh\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? ''
    const { code, stdout } = await startBlock(
      `${block}echo "key=$KEY"`.replaceAll('127.0.0.1:4000', `127.0.0.1:${String(place.ports.PORT)}`),
    ).ended
    expect(code).toBe(0)
    const answer = stdout.slice(0, stdout.indexOf('ID '))
    expect(JSON.parse(answer)).toEqual({
      data: { products: { nodes: [expect.anything(), expect.anything()] } },
    })
    const key = /key=(ghk_\w+)/.exec(stdout)?.[1] ?? ''
    expect(stdout).toContain(`Revoked ${key.slice(4, 16)} (nightly export).`)
    const refused = await eventually(
      () => askGraphql(place.url, '{ __typename }', { headers: { 'x-api-key': key } }),
      ({ status }) => status !== 200,
    )
    expect([refused.status, refused.errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
  })

  it('serves a supergraph beside the demo', async () => {
    const [port, adminPort] = [String(await freePort()), String(await freePort())]
    const block = take(/^npx gatehouse serve --supergraph /)
    expect(block).toContain('--port 4100 --admin-port 4110')
    const serve = startBlock(block.replace('4100', port).replace('4110', adminPort))
    await serve.printed(/Gatehouse serves/, 15_000)
    const { data } = await askGraphql(`http://127.0.0.1:${port}`, '{ __typename }')
    expect(data).toEqual({ __typename: 'Query' })
    serve.interrupt()
    await serve.ended
  })

  it('composes what is committed, and finds nothing to mend', async () => {
    const file = join(ROOT, 'schema', 'supergraph.graphql')
    const before = readFileSync(file, 'utf8')
    const { stdout, stderr } = await runBlock(take(/^npx gatehouse compose /))
    expect(stderr).toContain('Wrote schema/supergraph.graphql')
    expect(stdout).toContain('✓ Config, supergraph, rules, stored operations and endpoints fit together.')
    expect(readFileSync(file, 'utf8')).toBe(before)
  })

  it('works where npx may not install anything', async () => {
    const { stdout } = await runBlock('npx --no gatehouse --version')
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('stops everything at Ctrl-C, through npm', async () => {
    expect(start.end()).toBeUndefined()
    start.interrupt()
    const { stdout } = await start.ended
    await eventually(
      () => processesOf(place.dataDirectory),
      (pids) => pids.length === 0,
    )
    expect(stdout).toContain('Stopping …')
  })

  it('has no command that is not tried here', () => {
    expect(blocks).toEqual([])
  })
})
