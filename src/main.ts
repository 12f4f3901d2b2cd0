#!/usr/bin/env node
/** Process entry: parse the command, start, drain on SIGTERM. The only file that exits the process. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readEnvironment } from './config/environment.js'
import { runCommandLine } from './cli/program.js'

/** `dist/src/main.js` lies two folders below the package. */
const packageDirectory = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const { version } = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as {
  version: string
}

/** npm and npx pass a signal on that the terminal has sent already: within this time it is the same Ctrl-C. */
const SAME_SIGNAL_MS = 1_000

/** Settles at the first SIGTERM or SIGINT; who asks again after that does not want to wait for the drain. */
const stopRequested = new Promise<void>((resolve) => {
  let askedAt: number | undefined
  const ask = () => {
    askedAt ??= performance.now()
    if (performance.now() - askedAt > SAME_SIGNAL_MS) process.exit(1)
    resolve()
  }
  process.on('SIGTERM', ask)
  process.on('SIGINT', ask)
})

const environment = readEnvironment()
const parts = { production: environment['NODE_ENV'] === 'production' }

const exitCode = await runCommandLine(process.argv.slice(2), {
  environment,
  version,
  packageDirectory,
  print: (text) => process.stdout.write(text),
  printError: (text) => process.stderr.write(text),
  // Loaded by the commands that need them: half a second that `token` and `--help` do not spend.
  startGateway: async (config, overrides) => {
    const { createGateway } = await import('./gateway.js')
    return (await createGateway(config, parts)).start(overrides)
  },
  checkGateway: async (config) => {
    const { checkGateway } = await import('./check-gateway.js')
    return checkGateway(config)
  },
  explain: async (config, asked) => {
    const { explainWithConfig } = await import('./explain-gateway.js')
    return explainWithConfig(config, asked)
  },
  openApiKeys: async (config) => {
    const { openApiKeys } = await import('./open-api-keys.js')
    return openApiKeys(config, parts.production)
  },
  openDocuments: async (config) => {
    const { openDocuments } = await import('./open-documents.js')
    return openDocuments(config)
  },
  openUsage: async (config) => {
    const { openUsage } = await import('./open-usage.js')
    return openUsage(config)
  },
  stopRequested,
})
// A pipe may still hold output: exit only when it has been taken.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
)
process.exit(exitCode)
