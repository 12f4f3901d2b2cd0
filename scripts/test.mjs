/** `npm test`: install and build if needed, then every test; says what was skipped and why. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { assertNode, ensureBuilt, ensureInstalled } from './ensure-ready.mjs'

assertNode()
process.chdir(join(import.meta.dirname, '..'))
ensureInstalled()
ensureBuilt()
const result = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
)
process.exit(result.status ?? 1)
