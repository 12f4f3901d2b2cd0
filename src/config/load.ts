import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { expandReferences, type Environment } from './environment.js'
import { gatewayOptions, type GatewayOptions } from './schema.js'
import { toFindings } from './findings.js'

/** A config that was read, checked and frozen. */
export interface LoadedConfig {
  readonly options: GatewayOptions
  /** The folder that relative paths of the config start from. */
  readonly baseDirectory: string
  /** The file it came from; undefined where defaults serve. */
  readonly file: string | undefined
  /** Reads the same file again, with the same changes by the command line; absent where there is none. */
  readonly reread?: () => Promise<LoadedConfig>
}

/** Raised with every finding at once, each a sentence with the path of the key. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly findings: readonly string[]

  constructor(source: string, findings: readonly string[]) {
    super(`${source} is not valid:\n${findings.map((finding) => `  - ${finding}`).join('\n')}`)
    this.findings = findings
  }
}

/** Reads a config file: YAML → `${env.NAME}` → validation with all findings at once → frozen options. */
export async function loadConfigFile(file: string, environment: Environment): Promise<LoadedConfig> {
  const path = resolve(file)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ConfigError(file, [`It cannot be read (${describe(cause)}).`])
  })
  const document = parseDocument(text)
  if (document.errors.length > 0) {
    throw new ConfigError(
      file,
      document.errors.map((error) => error.message.split('\n')[0] ?? error.code),
    )
  }
  return {
    options: validateConfig(document.toJS() ?? {}, environment, file),
    baseDirectory: dirname(path),
    file: path,
    reread: () => loadConfigFile(path, environment),
  }
}

/** Checks options that were written as an object, in a test or in a program that embeds the gateway. */
export function validateConfig(
  written: unknown,
  environment: Environment,
  source = 'The config',
): GatewayOptions {
  const missing: string[] = []
  const expanded = expandReferences(written, environment, missing)
  const result = gatewayOptions.safeParse(expanded)
  const findings = [
    ...missing.map((name) => `The environment variable ${name} is not set and no default is given.`),
    ...(result.success ? [] : toFindings(result.error)),
  ]
  if (findings.length > 0 || !result.success) throw new ConfigError(source, findings)
  return deepFreeze(result.data)
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}

function describe(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown fault'
}
