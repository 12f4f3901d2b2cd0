/** `npm run check`: everything that can be said about the code without starting processes. Stops at nothing, reports all. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { assertNode, ensureBuilt, ensureInstalled } from './ensure-ready.mjs'

assertNode()
process.chdir(join(import.meta.dirname, '..'))
ensureInstalled()
ensureBuilt()

const steps = [
  ['format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']],
  ['lint', ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0']],
  ['types', ['node_modules/@typescript/native/bin/tsc', '--noEmit']],
  [
    'boundaries',
    [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      '--config',
      '.dependency-cruiser.cjs',
      'src',
      'bff',
      'subgraphs',
    ],
  ],
  ['generated files', ['scripts/generate.mjs', '--check']],
  ['tests', ['scripts/test.mjs', 'test/unit', 'test/component']],
]
// CI runs the whole of `npm test` after this anyway.
const wanted = process.argv.includes('--without-tests') ? steps.filter(([name]) => name !== 'tests') : steps
const failed = []
for (const [name, args] of wanted) {
  console.log(`\n── ${name}`)
  if (spawnSync(process.execPath, args, { stdio: 'inherit' }).status !== 0) failed.push(name)
}
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`)
process.exit(failed.length === 0 ? 0 : 1)
