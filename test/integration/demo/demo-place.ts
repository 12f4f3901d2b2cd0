import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/free-port.js'

const VARIABLES = ['PORT', 'ADMIN_PORT', 'USER_PORT', 'ORDER_PORT', 'PRODUCT_PORT'] as const
export type PortVariable = (typeof VARIABLES)[number]

/** Ports and a data folder of its own for one demo, so that it meets neither a demo that runs nor its data. */
export interface DemoPlace {
  readonly ports: Readonly<Record<PortVariable, number>>
  readonly dataDirectory: string
  readonly environment: Readonly<Record<string, string>>
  readonly url: string
  readonly remove: () => Promise<void>
}

export async function findPlace(): Promise<DemoPlace> {
  const ports = Object.fromEntries(
    await Promise.all(VARIABLES.map(async (variable) => [variable, await freePort()])),
  ) as Record<PortVariable, number>
  const dataDirectory = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'))
  return {
    ports,
    dataDirectory,
    url: `http://127.0.0.1:${String(ports.PORT)}`,
    environment: {
      ...Object.fromEntries(VARIABLES.map((variable) => [variable, String(ports[variable])])),
      GATEHOUSE_DATA_DIR: dataDirectory,
    },
    remove: () => rm(dataDirectory, { recursive: true, force: true }),
  }
}

/** Which of a place's ports somebody listens on. */
export async function portsInUse({ ports }: DemoPlace): Promise<readonly PortVariable[]> {
  const answers = await Promise.all(
    VARIABLES.map(async (variable) => ((await isTaken(ports[variable])) ? [variable] : [])),
  )
  return answers.flat()
}

export function isTaken(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
