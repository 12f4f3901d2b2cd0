/** Writes the measurements as Markdown. */
import { OPERATIONS } from './graph/operations.mjs'
import { least, median } from './measure/statistics.mjs'

export function writeReport({ rows, options, environment }) {
  const operations = options.operations.filter((name) => rows.some((row) => row.operation === name))
  return [
    `# Benchmark`,
    '',
    environment,
    '',
    ...operations.flatMap((name) =>
      section(
        name,
        rows.filter((row) => row.operation === name),
      ),
    ),
    ...goalSection(rows),
  ].join('\n')
}

function section(name, rows) {
  const apollo = rows.find((row) => row.target === 'apollo' && row.cpu)
  const head = [
    `## ${name}: ${OPERATIONS[name].about}`,
    '',
    '| gateway | CPU µs/request min | median | of Apollo’s | requests/s | p50 ms | p99 ms | fetches/request | memory MB |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --: |',
  ]
  return [...head, ...rows.map((row) => line(row, apollo)), '']
}

function line(row, apollo) {
  if (!row.cpu) return `| ${row.title} | not run: ${row.reason} | | | | | | | |`
  const share = apollo ? `1/${fixed(least(apollo.cpu) / least(row.cpu))}` : '–'
  const cells = [
    row.title,
    Math.round(least(row.cpu)),
    Math.round(median(row.cpu)),
    share,
    Math.round(median(row.rps)),
    fixed(median(row.p50)),
    fixed(median(row.p99)),
    fixed(median(row.fetches)),
    Math.round(Math.max(...row.memory)),
  ]
  return `| ${cells.join(' | ')} |`
}

function fixed(value) {
  return value < 10 ? value.toFixed(2) : value.toFixed(1)
}

/** What must be reached, as shares of a peer's CPU: the bare line, then the full line. */
const GOALS = [
  {
    peers: ['bff-home'],
    operations: ['home'],
    bare: 1,
    full: 1.4,
    ours: ['gatehouse-home', 'gatehouse-home-full'],
  },
  { peers: ['apollo'], operations: ['tiny', 'page', 'large'], bare: 1 / 9, full: 1 / 6 },
  { peers: ['hive-rust'], operations: ['tiny', 'page', 'large'], bare: 1 / 4, full: 1 / 3 },
  { peers: ['mercurius'], operations: ['tiny'], bare: 1 / 1.8, full: 1 / 1.2 },
  { peers: ['bff'], operations: ['tiny', 'page', 'large'], bare: 1, full: 1.4 },
  {
    peers: ['hive-rust-shared'],
    operations: ['shared'],
    bare: 1 / 5,
    full: 1 / 4,
    ours: ['gatehouse-shared', 'gatehouse-full-shared'],
  },
  { peers: ['apollo'], operations: ['cold'], bare: 1 / 5 },
]

function goalSection(rows) {
  const lines = GOALS.flatMap((goal) =>
    goal.operations.flatMap((operation) => goal.peers.map((peer) => goalLine(rows, goal, operation, peer))),
  ).filter((text) => text !== undefined)
  if (lines.length === 0) return []
  return [
    '## Goals',
    '',
    'CPU per request as a share of the peer’s, by the least of all rounds; below or at the goal is reached.',
    '',
    '| operation | peer | bare | goal | full | goal |',
    '| --- | --- | --: | --: | --: | --: |',
    ...lines,
    '',
  ]
}

function goalLine(rows, goal, operation, peer) {
  const [bare, full] = goal.ours ?? ['gatehouse', 'gatehouse-full']
  const find = (target) => rows.find((row) => row.target === target && row.operation === operation && row.cpu)
  const other = find(peer)
  if (!other) return undefined
  const cell = (ours, limit) => {
    if (!ours || limit === undefined) return ['–', limit === undefined ? '–' : limit.toFixed(3)]
    const share = least(ours.cpu) / least(other.cpu)
    return [share <= limit ? share.toFixed(3) : `**${share.toFixed(3)}**`, limit.toFixed(3)]
  }
  return `| ${[operation, other.title, ...cell(find(bare), goal.bare), ...cell(find(full), goal.full)].join(' | ')} |`
}
