/** What every command shares: help, usage errors, exit codes (contract §1). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { ROOT } from '../../support/shop.js'
import { makeFolder, removeFolders, runGatehouse } from './run-gatehouse.js'

const COMMANDS = ['demo', 'serve', 'compose', 'check', 'token', 'usage']
/** With commands of its own; tried in test/integration/api-keys. */
const GROUPS = ['keys']

afterAll(removeFolders)

describe('gatehouse', () => {
  it('lists its commands under --help', async () => {
    const { code, stdout, stderr } = await runGatehouse(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of [...COMMANDS, ...GROUPS])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
  })

  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(await runGatehouse(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it.each(COMMANDS)(
    'explains `%s`, and refuses flags and arguments that it does not have',
    async (command) => {
      const complete = command === 'token' ? [command, '--user', 'u-1'] : [command]
      const [help, flag, argument] = await Promise.all([
        runGatehouse([command, '--help']),
        runGatehouse([...complete, '--nope']),
        runGatehouse([...complete, 'surplus']),
      ])
      expect(help).toMatchObject({ code: 0, stderr: '' })
      expect(help.stdout).toMatch(new RegExp(`^Usage: gatehouse ${command} `))
      expect(flag).toMatchObject({ code: 2, stdout: '' })
      expect(flag.stderr).toMatch(/^error: unknown option '--nope'\n/)
      expect(argument).toMatchObject({ code: 2, stdout: '' })
      expect(argument.stderr).toMatch(/^error: too many arguments/)
    },
  )

  it.each([
    [['frobnicate'], /^error: unknown command 'frobnicate'/],
    [[], /^Usage: gatehouse /],
    [['token'], /^error: required option '--user <id>' not specified/],
    [['serve', '--port', '99999'], /--port .* must be a port/],
    [['serve', '--admin-port', 'x'], /--admin-port .* must be a port/],
    [['token', '--user', 'u-1', '--ttl', '0'], /--ttl .* whole number of seconds/],
  ])('ends with 2 on %j', async (args, message) => {
    const { code, stdout, stderr } = await runGatehouse(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  it.each([
    [['serve'], /^Nothing to serve: give --supergraph FILE or --config FILE\.\n$/],
    [['check'], /^No config: give --config FILE, or put a gateway\.yaml here\.\n$/],
    [['serve', '--supergraph', 'none.graphql'], /^ENOENT: .*none\.graphql'\n$/],
    [
      ['serve', '--config', 'none.yaml'],
      /^none\.yaml is not valid:\n {2}- It cannot be read \(ENOENT\)\.\n$/,
    ],
    [['compose', '--config', 'none.yaml'], /^ENOENT: .*none\.yaml'\n$/],
  ])('ends with 1 and one line on %j in an empty folder', async (args, message) => {
    const env = { ADMIN_PORT: '0', PORT: '0', LOG_LEVEL: 'silent' }
    const { code, stderr } = await runGatehouse(args, { cwd: makeFolder({}), env })
    expect(code).toBe(1)
    expect(stderr).toMatch(message)
  })

  it('names the variable that is not a port', async () => {
    const env = { PORT: '4000x' }
    const result = await runGatehouse(['serve', '--supergraph', 'x'], { cwd: makeFolder({}), env })
    expect(result).toEqual({ code: 1, stdout: '', stderr: 'PORT: "4000x" is not a port.\n' })
  })
})

describe('gatehouse token', () => {
  it('prints a token and nothing else, of a key that it keeps', async () => {
    const env = { GATEHOUSE_DATA_DIR: makeFolder({}) }
    const args = ['token', '--user', 'u-1', '--scopes', 'a b', '--plan', 'pro', '--roles', 'r', '--ttl', '60']
    const first = await runGatehouse(args, { env })
    const second = await runGatehouse(args, { env })
    expect([first.code, first.stderr]).toEqual([0, ''])
    const [head, claims] = partsOf(first.stdout)
    expect(claims).toMatchObject({ sub: 'u-1', scope: 'a b', plan: 'pro', roles: ['r'], tenant: 'acme' })
    expect(claims['exp'] - claims['iat']).toBe(60)
    expect(partsOf(second.stdout)[0]).toEqual(head)
  })

  it('is refused in production, and makes no key', async () => {
    const folder = makeFolder({})
    const result = await runGatehouse(['token', '--user', 'u-1'], {
      env: { NODE_ENV: 'production', GATEHOUSE_DATA_DIR: join(folder, 'data') },
    })
    expect(result).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Development tokens are refused when NODE_ENV is production.\n',
    })
    expect(() => readFileSync(join(folder, 'data', 'dev-issuer', 'key.json'))).toThrow('ENOENT')
  })

  const partsOf = (token: string) =>
    token
      .trim()
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
})
