import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describeWhere } from './describe-where.js'
import { chromium, type Browser } from 'playwright-core'

/** `describe` where Chromium is installed; a visible skip elsewhere, an error in CI. */
export function describeWithBrowser(name: string, tests: () => void): void {
  describeWhere('Chromium', findChromium() !== undefined, name, tests)
}

/** A Chromium without a window that calls nobody by itself. */
export function startBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('Chromium is missing.')
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const candidates = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
    folders.map((folder) => join(folder, name)).filter((file) => existsSync(file)),
  )
  return candidates.find((file) => spawnSync(file, ['--version']).status === 0)
}
