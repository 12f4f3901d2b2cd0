/** Resident memory when warm, after many equal operations, and after as many never-repeated ones. */
import { startGateway } from './gateway-process.mjs'
import { checkAnswer, jobFor } from './jobs.mjs'
import { residentMegabytes } from './measure/processes.mjs'

const DEFAULT_REQUESTS = 50_000
/** Enough of the large operation for the heap to reach its size under load. */
const WARM_UP_REQUESTS = 2000
/** One job is bounded in time, so many requests are several jobs. */
const JOB_REQUESTS = 5000

export async function measureMemory({ world, targets, options, say }) {
  const requests = options.requests ?? DEFAULT_REQUESTS
  const rows = []
  for (const target of targets.filter(({ operations }) => operations.includes('cold'))) {
    say(`memory of ${target.name} …`)
    rows.push(
      await measureOne({ world, target, options, requests }).catch((error) => [
        target.title,
        error.message,
        '',
        '',
        '',
      ]),
    )
  }
  return [
    `| gateway | warm, MB | after ${requests} pages | after ${requests} never-repeated | largest of warm |`,
    '| --- | --: | --: | --: | --: |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
}

async function measureOne({ world, target, options, requests }) {
  const gateway = await startGateway(target, options)
  const send = async (operation, count) => {
    const unchecked = { ...jobFor(target, gateway.port, operation), connections: options.connections }
    const job = await checkAnswer(world, unchecked, operation)
    for (let left = count; left > 0; left -= JOB_REQUESTS) {
      await world.load({ ...job, requests: Math.min(left, JOB_REQUESTS) })
    }
    return residentMegabytes(gateway.pid)
  }
  try {
    await send('large', WARM_UP_REQUESTS)
    const warm = await send('page', WARM_UP_REQUESTS)
    const equal = await send('page', requests)
    const cold = await send('cold', requests)
    const largest = (Math.max(equal, cold) / warm).toFixed(2)
    return [target.title, ...[warm, equal, cold].map(Math.round), `${largest} ×`]
  } finally {
    await gateway.stop()
  }
}
