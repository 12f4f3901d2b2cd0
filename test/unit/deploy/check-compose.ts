/** The rules of the Compose specification as far as docker-compose.yml goes; there is no Docker in the tests. */
import { z } from 'zod'
import { interpolate } from './interpolate.js'

const duration = z.string().regex(/^(\d+(us|ms|s|m|h))+$/)

const healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: z.union([
      z.tuple([z.literal('CMD'), z.string()], z.string()),
      z.tuple([z.literal('CMD-SHELL'), z.string()]),
    ]),
    interval: duration,
    timeout: duration,
    retries: z.int().positive().optional(),
    start_period: duration.optional(),
  }),
])

const service = z.strictObject({
  build: z.string().optional(),
  image: z.string().regex(/^[a-z0-9][a-z0-9./-]*(:[\w.-]+)?$/),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
  user: z.string().optional(),
  stop_grace_period: duration.optional(),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
      }),
    )
    .default({}),
  // A bare `true` would be refused by Compose; numbers and texts are fine.
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.union([z.string(), z.number()])).default({}),
  command: z.array(z.string()).min(1).optional(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: healthcheck.optional(),
})

const compose = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  services: z.record(z.string().regex(/^[\w.-]+$/), service),
  volumes: z.record(z.string(), z.null()).default({}),
})

export type Compose = z.output<typeof compose>
export type Service = Compose['services'][string]

/** What the checks need to know of the world around the file. */
export interface Surroundings {
  readonly fileExists: (path: string) => boolean
  /** Whether the image that is built here has a HEALTHCHECK of its own. */
  readonly imageHasHealthcheck: boolean
}

export function readCompose(parsed: Readonly<Record<string, unknown>>): Compose {
  const known = Object.fromEntries(Object.entries(parsed).filter(([key]) => !key.startsWith('x-')))
  return compose.parse(known)
}

/** Everything that Compose, or the first start, would stumble over. */
export function findFaults(file: Compose, surroundings: Surroundings): readonly string[] {
  return Object.entries(file.services).flatMap(([name, each]) =>
    [
      ...dependencyFaults(each, file, surroundings),
      ...mountFaults(each, file, surroundings),
      ...portFaults(each),
      ...commandFaults(each, surroundings),
      ...secretFaults(each),
      ...textsOf(each).flatMap((text) => interpolate(text).faults),
    ].map((fault) => `${name}: ${fault}`),
  )
}

function dependencyFaults(each: Service, { services }: Compose, around: Surroundings): readonly string[] {
  return Object.entries(each.depends_on).flatMap(([name, { condition }]) => {
    const target = services[name]
    if (target === undefined) return [`depends on ${name}, which is no service`]
    if (condition !== 'service_healthy') return []
    const own = target.healthcheck
    const checked = own === undefined ? isBuilt(target) && around.imageHasHealthcheck : 'test' in own
    return checked ? [] : [`waits for the health of ${name}, which has no healthcheck`]
  })
}

function mountFaults(each: Service, { volumes }: Compose, around: Surroundings): readonly string[] {
  return each.volumes.flatMap((mount) => {
    const match = /^([^:]+):(\/[^:]+)(?::(ro|rw))?$/.exec(mount)
    const source = match?.[1] ?? ''
    if (match === null) return [`"${mount}" is no mount`]
    if (source.startsWith('.')) return around.fileExists(source) ? [] : [`${source} does not exist`]
    return source in volumes ? [] : [`the volume ${source} is not declared`]
  })
}

function portFaults(each: Service): readonly string[] {
  return each.ports
    .filter((port) => !/^(\d{1,5}:)?\d{1,5}$/.test(interpolate(port).text))
    .map((port) => `"${port}" publishes no port`)
}

/** Compiled files are looked for as their sources: a clean checkout has no dist/. */
function commandFaults(each: Service, { fileExists }: Surroundings): readonly string[] {
  return (each.command ?? [])
    .filter((word) => word.startsWith('dist/'))
    .map((word) => word.replace(/^dist\//, '').replace(/\.js$/, '.ts'))
    .filter((source) => !fileExists(source))
    .map((source) => `${source}, which the command runs, does not exist`)
}

function secretFaults(each: Service): readonly string[] {
  return Object.entries(each.environment).flatMap(([name, value]) => {
    const text = String(value)
    const isSecret = /SECRET|PASSWORD|TOKEN|_KEY$/.test(name)
    if (isSecret && !/^\$\{\w+:\?.+\}$/.test(text)) return [`${name} is written down`]
    const password = /^\w+:\/\/[^:@/]+:(.+?)@/.exec(text)?.[1]
    return password === undefined || password.startsWith('${') ? [] : [`${name} holds a password`]
  })
}

export function isBuilt(each: Service): boolean {
  return each.build !== undefined
}

export function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}
