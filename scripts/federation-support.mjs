/** Renders docs/reference/federation-support.md from the data of the federation conformance suites. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const FOLDER = 'test/conformance/federation/suites'

export function renderFederationSupport() {
  const suites = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({ file, ...parse(readFileSync(join(FOLDER, file), 'utf8'), { merge: true }) }))
  const count = suites.reduce((sum, { cases }) => sum + cases.length, 0)
  const fallback = notes(suites, ({ fallback }) => fallback && `${kind(fallback)}: ${fallback.because}`)
  const faults = notes(suites, ({ fails }) => fails?.because)
  return `# Federation support

What [the conformance suites](../../test/conformance/federation/suites) hold: ${count} operations over ${suites.length} graphs, each of them
planned by the native planner (with its fallback, \`federation.planner: auto\`) and by Apollo's planner (\`apollo\`), run, and compared
with the right answer, the requests that subgraphs get, or both. Generated from their data by \`npm run generate\`.

| suite | what it is about | cases |
| --- | --- | ---: |
${suites.map(({ file, about, cases }) => `| [${file}](../../${FOLDER}/${file}) | ${about.trim()} | ${cases.length} |`).join('\n')}

## Where Apollo's planner differs

Only where \`federation.planner\` is \`apollo\`, or where the native planner gives an operation up. The suites assert each of these, so a row goes
when its difference goes.

${fallback}

## Known faults

Cases that state what is right and are known to fail.

${faults}
`
}

function kind({ isWrong, errors, fetches }) {
  if (isWrong) return 'wrong answer'
  if (errors) return 'error'
  return fetches ? 'other requests' : 'difference'
}

function notes(suites, noteOf) {
  const rows = suites.flatMap(({ file, cases }) =>
    cases.flatMap((testCase) => {
      const note = noteOf(testCase)
      return note ? [`| ${file.replace('.yaml', '')} | ${testCase.name} | ${note} |`] : []
    }),
  )
  return rows.length === 0 ? 'None.' : ['| suite | case | |', '| --- | --- | --- |', ...rows].join('\n')
}
