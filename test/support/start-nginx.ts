/**
 * nginx with deploy/nginx.conf, for tests of what stands before the gateways.
 *
 * Only what belongs to the place is adapted: addresses, the port, and where nginx writes. Everything that decides
 * where a request goes is what docker-compose.yml runs.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describeWhere } from './describe-where.js'
import { eventually } from './eventually.js'
import { freePort } from './free-port.js'
import { startProcess } from './process.js'
import { ROOT } from './shop.js'

export interface TestNginx {
  readonly url: string
  /** What it wrote of errors so far. */
  readonly output: () => string
  readonly stop: () => Promise<void>
}

/** The servers that deploy/nginx.conf names, as `name:port`, and where they are here. */
export type Addresses = Readonly<Record<string, string>>

export async function startNginx(addresses: Addresses): Promise<TestNginx> {
  const program = findNginx()
  if (program === undefined) throw new Error('nginx is missing.')
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-nginx-'))
  // The workers of a root's nginx are another user.
  chmodSync(directory, 0o755)
  const port = await freePort()
  const file = join(directory, 'nginx.conf')
  writeFileSync(file, adapt(readFileSync(join(ROOT, 'deploy', 'nginx.conf'), 'utf8'), addresses, port))
  const settings = `daemon off; pid ${join(directory, 'nginx.pid')};`
  const running = startProcess(program, ['-p', directory, '-c', file, '-e', 'stderr', '-g', settings])
  const url = `http://127.0.0.1:${String(port)}`
  await Promise.race([
    eventually(
      () => fetch(`${url}/health/live`),
      (response) => response.ok,
    ),
    running.exited.then((code) => Promise.reject(new Error(`nginx ended (${code}):\n${running.output()}`))),
  ])
  return {
    url,
    output: running.output,
    async stop() {
      await running.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** `describe` where nginx can be run; a visible skip elsewhere, an error in CI. */
export function describeWithNginx(name: string, tests: () => void): void {
  describeWhere('nginx', findNginx() !== undefined, name, tests)
}

/** On the path, or where Debian keeps what only administrators run. */
function findNginx(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  const candidates = folders.map((folder) => join(folder, 'nginx')).filter((file) => existsSync(file))
  return candidates.find((file) => spawnSync(file, ['-v']).status === 0)
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

function adapt(config: string, addresses: Addresses, port: number): string {
  const written = TEMPORARY.map((name) => `  ${name}_temp_path ${name};`)
  let adapted = replaceOnce(config, 'http {', ['http {', '  access_log off;', ...written].join('\n'))
  adapted = replaceOnce(adapted, 'listen 8080;', `listen 127.0.0.1:${String(port)};`)
  for (const [name, address] of Object.entries(addresses)) {
    // An address needs no resolving, and nginx before 1.27.3 does not know the word.
    adapted = replaceOnce(adapted, `server ${name} resolve`, `server ${address}`)
  }
  if (/^\s*server \S+ resolve/m.test(adapted)) throw new Error('deploy/nginx.conf names a server more.')
  return adapted
}

function replaceOnce(text: string, from: string, to: string): string {
  const parts = text.split(from)
  if (parts.length !== 2) throw new Error(`deploy/nginx.conf has "${from}" ${parts.length - 1} times.`)
  return parts.join(to)
}
