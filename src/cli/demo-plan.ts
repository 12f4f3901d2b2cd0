import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'

/**
 * What `gatehouse demo` starts and shows, read from the reference shop's own folder: the gateway itself knows
 * nothing of shops.
 */
const demoPlan = z.strictObject({
  subgraphs: z.array(
    z.strictObject({
      name: z.string(),
      /** Compiled module that runs as a process, relative to the compiled `subgraphs/` folder. */
      module: z.string(),
      portVariable: z.string(),
      port: z.number().int(),
    }),
  ),
  user: z.strictObject({
    id: z.string(),
    tenant: z.string(),
    plan: z.string(),
    scopes: z.array(z.string()),
    email: z.string(),
  }),
  admin: z.strictObject({
    id: z.string(),
    tenant: z.string(),
    plan: z.string(),
    scopes: z.array(z.string()),
  }),
  /** Of the admin's scopes the one that opens the admin listener. */
  operatorScope: z.string(),
  /** Lines for the banner; `{url}` and `{token}` are filled in. */
  tries: z.array(z.string()),
})

export type DemoPlan = z.output<typeof demoPlan>

export async function readDemoPlan(file: string): Promise<DemoPlan> {
  return demoPlan.parse(parse(await readFile(file, 'utf8')))
}
