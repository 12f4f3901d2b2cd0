/**
 * Makes `npm start` and `npm test` work on a machine that has only Node and npm: installs when node_modules is
 * missing or older than the lock file, builds when a source is newer than the last build.
 */
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Ends the process with one clear line when Node is too old. */
export function assertNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Gatehouse needs Node 20.19 or later; this is ${process.versions.node}.`)
  process.exit(1)
}

export function ensureInstalled() {
  const marker = join(root, 'node_modules', '.package-lock.json')
  if (existsSync(marker) && modified(marker) >= modified(join(root, 'package-lock.json'))) return
  console.error('Installing packages (npm ci) …')
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  const now = new Date()
  utimesSync(marker, now, now)
}

export function ensureBuilt() {
  const stamp = join(root, 'dist', '.built')
  if (existsSync(stamp) && modified(stamp) >= newestSource()) return linkCommand()
  console.error('Building …')
  const startedAt = new Date()
  run(process.execPath, ['scripts/build.mjs'])
  writeFileSync(stamp, '')
  utimesSync(stamp, startedAt, startedAt)
  linkCommand()
}

/** Lets `npx gatehouse …` find the command of this very checkout. */
function linkCommand() {
  const folder = join(root, 'node_modules', '.bin')
  const link = join(folder, 'gatehouse')
  if (existsSync(link)) return
  mkdirSync(folder, { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(join('..', '..', 'dist', 'src', 'main.js'), link)
}

function newestSource() {
  const files = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'].map((file) =>
    join(root, file),
  )
  for (const folder of ['src', 'bff', 'subgraphs']) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      // Folders count too: a deleted file changes only its folder.
      files.push(join(entry.parentPath, entry.name))
    }
  }
  return Math.max(...files.map(modified))
}

function modified(file) {
  return statSync(file).mtimeMs
}

function run(command, args) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: false,
  })
  if (result.status !== 0) process.exit(result.status ?? 1)
}
