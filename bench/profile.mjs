/** CPU profiles of our gateway under each operation, and where its own time goes. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startGateway } from './gateway-process.mjs'
import { checkAnswer, jobFor } from './jobs.mjs'
import { results } from './world.mjs'

const LINES = 20

export async function profile({ world, targets, options }) {
  for (const target of targets.filter(({ name }) => name.startsWith('gatehouse'))) {
    for (const operation of options.operations.filter((name) => target.operations.includes(name))) {
      const directory = join(results, 'profiles', `${target.name}-${operation}`)
      rmSync(directory, { recursive: true, force: true })
      mkdirSync(directory, { recursive: true })
      await record({ world, target, operation, options, directory })
      for (const file of readdirSync(directory)) {
        process.stdout.write(`\n### ${target.name} ${operation}\n${topFunctions(join(directory, file))}\n`)
      }
    }
  }
}

async function record({ world, target, operation, options, directory }) {
  const nodeFlags = [...options.nodeFlags, '--cpu-prof', `--cpu-prof-dir=${directory}`]
  const gateway = await startGateway(target, { ...options, nodeFlags })
  try {
    const unchecked = { ...jobFor(target, gateway.port, operation), connections: options.connections }
    const job = await checkAnswer(world, unchecked, operation)
    const until = Date.now() + options.warmUpSeconds * 4000
    while (Date.now() < until) await world.load({ ...job, requests: 2000 })
  } finally {
    await gateway.stop()
  }
}

/** Functions by the time spent in them alone, as shares of the time that was not idle. */
function topFunctions(file) {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'))
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]))
  const times = new Map()
  let busy = 0
  // The first half is start and warm-up.
  for (let index = Math.floor(samples.length / 2); index < samples.length; index += 1) {
    const frame = byId.get(samples[index])
    if (frame.functionName === '(idle)') continue
    const place =
      frame.url === '' ? '' : ` ${frame.url.split('/').slice(-3).join('/')}:${frame.lineNumber + 1}`
    const name = `${frame.functionName || '(anonymous)'}${place}`
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index])
    busy += timeDeltas[index]
  }
  return [...times]
    .sort((a, b) => b[1] - a[1])
    .slice(0, LINES)
    .map(([name, time]) => `${((100 * time) / busy).toFixed(1).padStart(5)} %  ${name}`)
    .join('\n')
}
