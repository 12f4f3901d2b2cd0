import { resolve } from 'node:path'
import { composeSubgraphs, printFinding } from '../composition/compose-subgraphs.js'
import { readSubgraphSdl } from '../composition/read-subgraph-sdl.js'
import type { SubgraphCallOptions } from '../composition/subgraph-call.js'
import { readSupergraphConfig, type ConfiguredSubgraph } from '../composition/supergraph-config.js'
import type { SdlFeed, Stop } from './sdl-feed.js'
import { watchFiles } from '../../kernel/watch-files.js'

/**
 * Subgraphs listed in a `supergraph.yaml`, composed here.
 *
 * Composition costs tens of milliseconds of a busy event loop, so it runs only when an input has changed.
 */
export function composeFeed(file: string, intervalSeconds: number, call: SubgraphCallOptions): SdlFeed {
  const configPath = resolve(file)
  let last: { readonly inputs: string; readonly sdl: string } | undefined
  let configured: readonly ConfiguredSubgraph[] = []
  const read = async (): Promise<string> => {
    configured = await readSupergraphConfig(configPath)
    const subgraphs = await Promise.all(configured.map((subgraph) => readSubgraphSdl(subgraph, call)))
    const inputs = JSON.stringify(subgraphs)
    if (last?.inputs === inputs) return last.sdl
    const composed = await composeSubgraphs(subgraphs)
    if (!composed.ok)
      throw new Error(`The subgraphs do not compose:\n${composed.errors.map(printFinding).join('\n')}`)
    last = { inputs, sdl: composed.sdl }
    return composed.sdl
  }
  return {
    kind: 'compose',
    isLocal: () => !configured.some(isFetched),
    read,
    watch: (onChange) => watchInputs(configPath, () => configured, intervalSeconds, onChange),
  }
}

function isFetched({ schema }: ConfiguredSubgraph): boolean {
  return schema.kind === 'url'
}

/** Watches what is on disk; where subgraphs are fetched, every interval may bring something new. */
function watchInputs(
  configPath: string,
  configured: () => readonly ConfiguredSubgraph[],
  intervalSeconds: number,
  onChange: () => void,
): Stop {
  const paths = (): string[] => [
    configPath,
    ...configured().flatMap(({ schema }) => (schema.kind === 'file' ? [schema.path] : [])),
  ]
  const stopFiles = watchFiles(paths, intervalSeconds, onChange)
  const poll = (): void => {
    if (configured().some(isFetched)) onChange()
  }
  const polling = setInterval(poll, intervalSeconds * 1000).unref()
  return () => {
    stopFiles()
    clearInterval(polling)
  }
}
