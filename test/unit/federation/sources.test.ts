import { afterEach, describe, expect, it } from '@jest/globals'
import { rename, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SYSTEM_CLOCK } from '../../../src/kernel/ports/clock.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import {
  createSupergraphSource,
  fromSupergraphManager,
  type SupergraphManager,
  type SupergraphSource,
} from '../../../src/federation/index.js'
import { FEDERATION_LINK } from '../../support/make-supergraph.js'
import { makeOptions, media, shop } from './graphs.js'
import { inFolder } from './temporary-folder.js'

const ports = { logger: SILENT_LOGGER, clock: SYSTEM_CLOCK }
const fast = { pollIntervalSeconds: 0.05 }

/** Collects supergraphs and lets a test wait for one. */
class Served {
  readonly all: Supergraph[] = []
  #waiting: { isIt: (supergraph: Supergraph) => boolean; resolve: (supergraph: Supergraph) => void }[] = []

  readonly take = async (supergraph: Supergraph): Promise<void> => {
    this.all.push(supergraph)
    for (const { isIt, resolve } of this.#waiting) if (isIt(supergraph)) resolve(supergraph)
  }

  until(isIt: (supergraph: Supergraph) => boolean): Promise<Supergraph> {
    const found = this.all.find(isIt)
    return found ? Promise.resolve(found) : new Promise((resolve) => this.#waiting.push({ isIt, resolve }))
  }
}

const hasField = (name: string) => (supergraph: Supergraph) =>
  supergraph.apiSchema.getQueryType()?.getFields()[name] !== undefined

/** A subgraph as far as introspection goes. */
class SdlServer {
  sdl: string
  headers: Record<string, unknown> = {}
  #server: Server

  constructor(sdl: string) {
    this.sdl = sdl
    this.#server = createServer((request, response) => {
      this.headers = request.headers
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ data: { __typename: 'Query', _service: { sdl: this.sdl } } }))
      })
    })
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/graphql`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function started(source: SupergraphSource): Promise<Served> {
  const served = new Served()
  cleanups.push(source.stop)
  await source.start(served.take)
  return served
}

async function serveSdl(fields: string): Promise<{ server: SdlServer; url: string }> {
  const server = new SdlServer(`${FEDERATION_LINK}type Query { ${fields} }`)
  const url = await server.listen()
  cleanups.push(() => server.close())
  return { server, url }
}

describe('the source file', () => {
  it('follows a file that is replaced by renaming, and one that is written in place', async () => {
    await inFolder({ 'supergraph.graphql': shop.sdl }, async (folder) => {
      const file = join(folder, 'supergraph.graphql')
      const options = makeOptions({ supergraph: { file, pollIntervalSeconds: 60 } })
      const source = createSupergraphSource(options, ports)
      const served = await started(source)
      await writeFile(join(folder, 'next'), media.sdl)
      await rename(join(folder, 'next'), file)
      await served.until(({ id }) => id === media.id)
      await writeFile(file, shop.sdl)
      await served.until(({ id }) => id === shop.id && served.all.length === 3)
      expect(served.all.map(({ id }) => id)).toEqual([shop.id, media.id, shop.id])
      await source.stop()
    })
  })

  it('compares on the interval where no event comes', async () => {
    await inFolder({ 'real.graphql': shop.sdl }, async (real) => {
      await inFolder({}, async (folder) => {
        // The link's folder sees nothing when the file behind the link changes.
        const { symlink } = await import('node:fs/promises')
        await symlink(join(real, 'real.graphql'), join(folder, 'link.graphql'))
        const options = makeOptions({ supergraph: { file: join(folder, 'link.graphql'), ...fast } })
        const source = createSupergraphSource(options, ports)
        const served = await started(source)
        await writeFile(join(real, 'real.graphql'), media.sdl)
        await served.until(({ id }) => id === media.id)
        await source.stop()
      })
    })
  })

  it('refuses to start without the file', async () => {
    const source = createSupergraphSource(
      makeOptions({ supergraph: { file: '/nowhere/at/all.graphql' } }),
      ports,
    )
    await expect(started(source)).rejects.toThrow('ENOENT')
  })
})

describe('the source compose', () => {
  it('composes files and running subgraphs, and follows both', async () => {
    const { server, url } = await serveSdl('remote: Int')
    const yaml = `subgraphs:
  local: { routing_url: http://local.invalid, schema: { file: local.graphql } }
  remote: { schema: { subgraph_url: "${url}", introspection_headers: { X-Key: secret } } }\n`
    const local = `${FEDERATION_LINK}type Query { local: Int }`
    await inFolder({ 'supergraph.yaml': yaml, 'local.graphql': local }, async (folder) => {
      const options = makeOptions({ supergraph: { compose: join(folder, 'supergraph.yaml'), ...fast } })
      const source = createSupergraphSource(options, ports)
      const served = await started(source)
      expect(served.all[0]?.subgraphs).toEqual([
        { name: 'local', url: 'http://local.invalid' },
        { name: 'remote', url },
      ])
      expect(server.headers['x-key']).toBe('secret')
      await writeFile(join(folder, 'local.graphql'), local.replace('local:', 'near:'))
      await served.until(hasField('near'))
      server.sdl = server.sdl.replace('remote:', 'far:')
      await served.until(hasField('far'))
      await source.stop()
    })
  })

  it('refuses to start when the subgraphs do not compose', async () => {
    const yaml =
      'subgraphs:\n  a: { routing_url: http://a.invalid, schema: { sdl: "type Query { a: Nowhere }" } }\n'
    await inFolder({ 'supergraph.yaml': yaml }, async (folder) => {
      const options = makeOptions({ supergraph: { compose: join(folder, 'supergraph.yaml') } })
      await expect(started(createSupergraphSource(options, ports))).rejects.toThrow(
        'The subgraphs do not compose:',
      )
    })
  })
})

describe('the source introspect', () => {
  it('asks the subgraphs with our headers and follows them', async () => {
    const a = await serveSdl('a: Int')
    const b = await serveSdl('b: Int')
    const introspect = [
      { name: 'a', url: a.url },
      { name: 'b', url: b.url },
    ]
    const source = createSupergraphSource(makeOptions({ supergraph: { introspect, ...fast } }), {
      ...ports,
      headersFor: ({ name }, body) => ({ 'x-signature': `${name}:${body.length > 0}` }),
    })
    const served = await started(source)
    expect(served.all[0]?.subgraphs).toEqual(introspect)
    expect(a.server.headers['x-signature']).toBe('a:true')
    expect(process.env['APOLLO_TELEMETRY_DISABLED']).toBe('true')
    a.server.sdl = a.server.sdl.replace('a:', 'c:')
    await served.until(hasField('c'))
  })

  it('waits for a subgraph that is down at the start', async () => {
    const a = await serveSdl('a: Int')
    const late = new SdlServer(`${FEDERATION_LINK}type Query { late: Int }`)
    const url = await late.listen()
    await late.close()
    const introspect = [
      { name: 'a', url: a.url },
      { name: 'late', url },
    ]
    const source = createSupergraphSource(makeOptions({ supergraph: { introspect, ...fast } }), ports)
    const served = await started(source)
    expect(served.all).toEqual([])
    expect(source.health()[0]).toMatchObject({ state: 'down', required: true })
    const revived = new SdlServer(late.sdl)
    cleanups.push(() => revived.close())
    await revived.listen(Number(new URL(url).port))
    await served.until(hasField('late'))
  })
})

describe("a source with Apollo's SupergraphManager interface", () => {
  it('follows its updates, throws back bad ones and cleans up', async () => {
    let update: (sdl: string) => void = () => undefined
    let isClean = false
    const manager: SupergraphManager = {
      initialize: async (hooks) => {
        update = hooks.update
        return {
          supergraphSdl: shop.sdl,
          cleanup: async () => {
            isClean = true
          },
        }
      },
    }
    const source = fromSupergraphManager(manager, makeOptions(), ports)
    const served = await started(source)
    expect(served.all.map(({ id }) => id)).toEqual([shop.id])
    expect(() => update('type Query {')).toThrow('Syntax Error')
    update(media.sdl)
    await served.until(({ id }) => id === media.id)
    await source.stop()
    expect(isClean).toBe(true)
  })

  it('can call subgraphs through us', async () => {
    const { url } = await serveSdl('a: Int')
    const sdl = shop.sdl.replaceAll(/http:\/\/[\w-]+\.invalid\/graphql/g, url)
    const manager: SupergraphManager = {
      initialize: async ({ healthCheck, getDataSource }) => {
        const reply = await getDataSource({ name: 'a', url }).process({
          kind: 'loading schema' as never,
          request: { query: '{ _service { sdl } }' },
          context: {},
        })
        expect(reply.data).toMatchObject({ _service: { sdl: expect.stringContaining('a: Int') } })
        await healthCheck(sdl)
        await expect(healthCheck(shop.sdl)).rejects.toThrow('could not be reached')
        return { supergraphSdl: sdl }
      },
    }
    const served = await started(fromSupergraphManager(manager, makeOptions(), ports))
    expect(served.all).toHaveLength(1)
  })
})
