import { describe } from '@jest/globals'

/**
 * `describe` where a program of the machine is installed; elsewhere a skip that says so.
 *
 * In CI a missing program is an error, so that tests cannot be skipped for ever without anybody noticing.
 */
export function describeWhere(program: string, isInstalled: boolean, name: string, tests: () => void): void {
  if (isInstalled) describe(name, tests)
  else if (process.env['CI']) throw new Error(`${program} is not installed, and "${name}" needs it.`)
  else describe.skip(`${name} (${program} is not installed)`, tests)
}
