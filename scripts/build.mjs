/** Compiles to dist/ and copies what the compiler leaves behind: the operations and schemas beside the code. */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
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
