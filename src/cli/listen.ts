import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Environment } from '../config/environment.js'
import { CommandFailure, type ListenOverrides } from './command-context.js'

/** Anything that can be told to listen. */
interface Listening<At> {
  readonly listen: (address: { host: string; port: number }) => Promise<At>
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken',
  EACCES: 'may not be used by this user',
  EADDRNOTAVAIL: 'is on an address that this machine does not have',
}

/** Listens, or fails with one line that names the port and the variable that would change it (contract §2). */
export async function listenOrExplain<At>(
  server: Listening<At>,
  address: { readonly host: string; readonly port: number },
  variable: string,
): Promise<At> {
  try {
    return await server.listen(address)
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? '']
    if (reason === undefined) throw error
    throw new CommandFailure(
      `Port ${String(address.port)} on ${address.host} ${reason}. Set ${variable} to another one.`,
    )
  }
}

/** Fails as {@link listenOrExplain} does, before anything slow is begun. */
export async function assertPortIsFree(
  address: { readonly host: string; readonly port: number },
  variable: string,
): Promise<void> {
  const probe = createServer()
  const listen = (at: { host: string; port: number }) => once(probe.listen(at), 'listening')
  await listenOrExplain({ listen }, address, variable)
  probe.close()
  await once(probe, 'close')
}

/** Where to listen: flags, then the environment, then the config. */
export function toListenOverrides(flags: ListenOverrides, environment: Environment): ListenOverrides {
  const host = flags.host ?? environment['HOST']
  const port = flags.port ?? toPortOf('PORT', environment)
  const adminPort = flags.adminPort ?? toPortOf('ADMIN_PORT', environment)
  return {
    ...(host === undefined || host === '' ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(adminPort === undefined ? {} : { adminPort }),
  }
}

function toPortOf(variable: string, environment: Environment): number | undefined {
  const text = environment[variable]
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new CommandFailure(`${variable}: "${text}" is not a port.`)
  return Number(text)
}
