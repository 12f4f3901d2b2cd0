/** The measurement: all gateways up at once, one under load at a time, A B C A B C. */
import { startGateway } from './gateway-process.mjs'
import { checkAnswer, jobFor } from './jobs.mjs'
import { cpuMicroseconds, residentMegabytes } from './measure/processes.mjs'

const FEWEST_REQUESTS = 50
const MOST_REQUESTS = 50_000
/** Warming up ends after so many times the CPU seconds that it should take. */
const MOST_WALL_PER_CPU = 5

/** Rows of { target, operation, title } with figures of every round, or with the reason why there are none. */
export async function measure({ world, targets, options, say }) {
  const running = await startAll(targets, options, say)
  const rows = []
  try {
    for (const operation of options.operations) {
      rows.push(...(await measureOperation({ world, running, operation, options, say })))
    }
  } finally {
    await Promise.all(running.map(({ gateway }) => gateway?.stop()))
  }
  return rows
}

async function startAll(targets, options, say) {
  const wanted = targets.filter((target) =>
    target.operations.some((name) => options.operations.includes(name)),
  )
  const running = []
  for (const target of wanted) {
    try {
      running.push({ target, gateway: await startGateway(target, options) })
    } catch (error) {
      say(`${target.name}: ${error.message}`)
      running.push({ target, reason: error.message })
    }
  }
  return running
}

async function measureOperation({ world, running, operation, options, say }) {
  const contestants = []
  const failed = []
  for (const { target, gateway, reason } of running) {
    if (!target.operations.includes(operation)) continue
    const row = { target: target.name, title: target.title, operation }
    try {
      if (!gateway) throw new Error(reason)
      const unchecked = { ...jobFor(target, gateway.port, operation), connections: options.connections }
      const job = await checkAnswer(world, unchecked, operation)
      contestants.push({ row, job, gateway, requests: await warmUp(world, job, gateway, options) })
    } catch (error) {
      say(`${operation} ${target.name}: ${error.message}`)
      failed.push({ ...row, reason: oneLine(error.message) })
    }
  }
  for (const { row } of contestants)
    Object.assign(row, { cpu: [], rps: [], p50: [], p99: [], fetches: [], memory: [] })
  for (let round = 0; round < options.rounds; round += 1) {
    // Every other round backwards, so that nobody always follows the same neighbour.
    for (const contestant of round % 2 === 0 ? contestants : [...contestants].reverse()) {
      if (contestant.row.reason === undefined) await measureRound(world, contestant, say)
    }
  }
  return [...contestants.map(({ row }) => (row.reason ? { ...row, cpu: undefined } : row)), ...failed]
}

/**
 * Loads the gateway until its code is hot, by the CPU it used: on a busy machine the wall clock says little.
 * Says how many requests a round takes.
 */
async function warmUp(world, job, gateway, options) {
  const enough = options.warmUpSeconds * 1_000_000
  const giveUp = Date.now() + options.warmUpSeconds * MOST_WALL_PER_CPU * 1000
  let requests = FEWEST_REQUESTS
  let cost = 0
  for (let total = 0; total < enough && Date.now() < giveUp;) {
    const before = cpuMicroseconds(gateway.pid)
    await world.load({ ...job, requests })
    const used = Math.max(cpuMicroseconds(gateway.pid) - before, 10_000)
    total += used
    cost = used / requests
    // Parts of a quarter, so that the end is not missed by much and the last part is hot.
    requests = bounded(enough / 4 / cost)
  }
  return options.requests ?? bounded((options.cpuSeconds * 1_000_000) / cost)
}

function bounded(requests) {
  return Math.min(MOST_REQUESTS, Math.max(FEWEST_REQUESTS, Math.round(requests)))
}

async function measureRound(world, { row, job, gateway, requests }, say) {
  try {
    // Connections of the subgraphs may have been closed while the others were measured.
    await world.load({ ...job, requests: Math.max(FEWEST_REQUESTS, Math.round(requests / 20)) })
    const fetchesBefore = await world.fetches()
    const before = cpuMicroseconds(gateway.pid)
    const { seconds, p50, p99 } = await world.load({ ...job, requests })
    const used = cpuMicroseconds(gateway.pid) - before
    if (used === 0) throw new Error('the measured process used no CPU')
    row.cpu.push(used / requests)
    row.rps.push(requests / seconds)
    row.p50.push(p50)
    row.p99.push(p99)
    row.fetches.push(((await world.fetches()) - fetchesBefore) / requests)
    row.memory.push(residentMegabytes(gateway.pid))
    say(`${row.operation} ${row.target}: ${Math.round(used / requests)} µs (${requests} requests)`)
  } catch (error) {
    say(`${row.operation} ${row.target}: ${error.message}`)
    row.reason = oneLine(error.message)
  }
}

function oneLine(text) {
  return text.replaceAll(/[\n|]+/g, ' ').slice(0, 160)
}
