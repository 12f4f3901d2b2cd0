/** The flags of `npm run bench -- …`. */
import { parseArgs } from 'node:util'
import { OPERATIONS } from './graph/operations.mjs'

export const HELP = `npm run bench -- [flags]
  --quick              a first impression in under two minutes
  --rounds N           interleaved rounds (default 5)
  --requests N         requests per round; without it as many as use about --seconds of CPU
  --seconds S          CPU seconds of one round of one gateway (default 1)
  --warm-up S          CPU seconds of load before the first round (default 3)
  --only a,b           only these targets
  --operations a,b     only these of: ${Object.keys(OPERATIONS).join(', ')}
  --connections N      keep-alive connections of the clients (default 50)
  --node PATH          the Node that runs the gateways (default: this one)
  --semi-space MB      --max-semi-space-size for every gateway (default 64; 0 leaves Node's own)
  --profile            write CPU profiles of our gateway to bench/results/profiles and measure nothing else
  --stages             what the policy stages cost by themselves, in one process without load
  --memory             resident memory after --requests equal and as many never-repeated operations (default 50000)
  --help
`

export function readOptions(args) {
  const text = { type: 'string' }
  const flag = { type: 'boolean', default: false }
  const { values } = parseArgs({
    args,
    options: {
      quick: flag,
      help: flag,
      profile: flag,
      memory: flag,
      stages: flag,
      rounds: text,
      requests: text,
      seconds: text,
      'warm-up': text,
      only: text,
      operations: text,
      connections: text,
      node: text,
      'semi-space': text,
    },
  })
  const semiSpace = number(values, 'semi-space', 64, 0, 1024)
  const operations = list(values.operations) ?? Object.keys(OPERATIONS)
  for (const name of operations)
    if (!OPERATIONS[name]) throw new Error(`There is no operation ${name}.\n${HELP}`)
  return {
    help: values.help,
    profile: values.profile,
    memory: values.memory,
    stages: values.stages,
    rounds: number(values, 'rounds', values.quick ? 2 : 5, 1, 100),
    requests: values.requests === undefined ? undefined : number(values, 'requests', 0, 1, 1_000_000),
    cpuSeconds: number(values, 'seconds', values.quick ? 0.2 : 1, 0.05, 60),
    warmUpSeconds: number(values, 'warm-up', values.quick ? 0.5 : 3, 0.1, 60),
    only: list(values.only),
    operations,
    connections: number(values, 'connections', 50, 1, 1000),
    node: values.node ?? process.execPath,
    semiSpace,
    nodeFlags: semiSpace === 0 ? [] : [`--max-semi-space-size=${semiSpace}`],
  }
}

function number(values, name, fallback, least, most) {
  const value = values[name] === undefined ? fallback : Number(values[name])
  if (!(value >= least && value <= most))
    throw new Error(`--${name} must be from ${least} to ${most}.\n${HELP}`)
  return value
}

function list(text) {
  return text?.split(',').map((name) => name.trim())
}
