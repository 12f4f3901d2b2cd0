/** `npm run bench`: see docs/performance.md. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { assertNode, ensureBuilt, ensureInstalled } from '../scripts/ensure-ready.mjs'
import { HELP, readOptions } from './options.mjs'

const here = import.meta.dirname
const options = readOptions(process.argv.slice(2))
if (options.help) {
  process.stdout.write(HELP)
  process.exit()
}
assertNode()
if (process.platform !== 'linux') throw new Error('CPU times are read from /proc: this needs Linux.')
process.chdir(join(here, '..'))
ensureInstalled()
ensureBuilt()
ensurePeers()

// Only now: these load the product's build and packages.
const { measure } = await import('./measure.mjs')
const { measureMemory } = await import('./memory.mjs')
const { measureStages } = await import('./stages.mjs')
const { profile } = await import('./profile.mjs')
const { pinThisProcess, results, startWorld, canPin } = await import('./world.mjs')
const { writeReport } = await import('./table.mjs')
const { allTargets } = await import('./targets.mjs')

pinThisProcess()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

const world = await startWorld()
try {
  const targets = choose(allTargets(world))
  if (options.profile) await profile({ world, targets, options })
  else if (options.stages) {
    const table = await measureStages({ world, options, say })
    print('stages.md', `# Policy stages\n\n${describeMachine()}.\n\n${table}`)
  } else if (options.memory)
    print(
      'memory.md',
      `# Memory\n\n${describeEnvironment()}\n\n${await measureMemory({ world, targets, options, say })}`,
    )
  else {
    const rows = await measure({ world, targets, options, say })
    print('latest.md', writeReport({ rows, options, environment: describeEnvironment() }))
  }
} finally {
  world.stop()
}
process.exit()

function choose(targets) {
  const names = targets.map(({ name }) => name)
  for (const name of options.only ?? []) {
    if (!names.includes(name)) throw new Error(`There is no target ${name}; there are ${names.join(', ')}.`)
  }
  return targets.filter(({ name }) => options.only?.includes(name) ?? true)
}

function print(file, report) {
  writeFileSync(join(results, file), `${report}\n`)
  process.stdout.write(`\n${report}\n`)
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

/** The peers are no part of the product: installed the first time somebody measures. */
function ensurePeers() {
  const lock = join(here, 'package-lock.json')
  const installed = join(here, 'node_modules/.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  say('Installing the peers into bench/node_modules …')
  const { status } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'],
    {
      cwd: here,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  if (status !== 0) throw new Error('The peers could not be installed.')
}

function describeMachine() {
  return `${new Date().toISOString().slice(0, 16)}Z, ${cpus()[0]?.model.trim()} × ${cpus().length}, Node ${process.version}`
}

function describeEnvironment() {
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
  const version = spawnSync(options.node, ['--version'], { encoding: 'utf8' }).stdout.trim()
  const flags = options.nodeFlags.length === 0 ? 'default flags' : options.nodeFlags.join(' ')
  const pins = canPin
    ? 'the gateway alone on one core, subgraphs and clients on another'
    : 'not pinned to cores'
  const peers = ['@apollo/gateway', '@apollo/server', '@graphql-hive/gateway', 'mercurius', 'undici']
  return [
    `${new Date().toISOString().slice(0, 16)}Z, ${cpus()[0]?.model.trim()} × ${cpus().length}, ${pins}; Node ${version} with ${flags} for all;`,
    `${options.connections} connections, ${options.rounds} interleaved rounds, ${options.requests ?? `about ${options.cpuSeconds} s of CPU`} ${options.requests ? 'requests ' : ''}each;`,
    `${peers.map((name) => `${name} ${dependencies[name]}`).join(', ')}.`,
  ].join('\n')
}
