/** Compiles to dist/ and copies what the compiler leaves behind: the operations and schemas beside the code. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')
process.chdir(root)

if (process.argv.includes('--clean')) rmSync('dist', { recursive: true, force: true })
const compiled = spawnSync(
  process.execPath,
  ['node_modules/@typescript/native/bin/tsc', '-p', 'tsconfig.build.json'],
  {
    stdio: 'inherit',
  },
)
// `npm run generate` goes on: what it generates may be what is missing.
if (compiled.status !== 0 && !process.argv.includes('--lenient')) process.exit(compiled.status ?? 1)

for (const folder of ['bff', 'subgraphs']) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(graphql|sql|json)$/.test(entry.name)) continue
    const target = join('dist', entry.parentPath, entry.name)
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(join(entry.parentPath, entry.name), target)
  }
}
chmodSync('dist/src/main.js', 0o755)

prepareEmptyDatabase()

/** Starts of the embedded database begin with a prepared empty one; made once per version of PGlite. */
function prepareEmptyDatabase() {
  const { version } = JSON.parse(readFileSync('node_modules/@electric-sql/pglite/package.json', 'utf8'))
  const stamp = 'dist/subgraphs/kit/empty-database.version'
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === version) return
  const prepared = spawnSync(process.execPath, ['dist/subgraphs/kit/prepare-empty-database.js'], {
    stdio: 'inherit',
  })
  if (prepared.status === 0) writeFileSync(stamp, version)
}
