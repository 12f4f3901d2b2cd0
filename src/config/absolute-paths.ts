import { isAbsolute, join } from 'node:path'
import type { LoadedConfig } from './load.js'
import type { GatewayOptions } from './schema.js'

/** Paths in a config file start at the file's folder, wherever the process was started. */
export function withAbsolutePaths({ options, baseDirectory }: LoadedConfig): GatewayOptions {
  const absolute = (path: string) => (isAbsolute(path) ? path : join(baseDirectory, path))
  const directoryOf = ({ directory }: { readonly directory: string }) =>
    directory === '' ? '' : absolute(directory)
  const { supergraph, authorization, identity, bff, upstream, documents, usage } = options
  const { trusted } = documents
  return {
    ...options,
    supergraph: {
      ...supergraph,
      ...mapDefined(
        { file: supergraph.file, compose: supergraph.compose, snapshotFile: supergraph.snapshotFile },
        absolute,
      ),
    },
    authorization: { ...authorization, ...mapDefined({ rules: authorization.rules }, absolute) },
    identity: {
      ...identity,
      ...(identity.enrichment && {
        enrichment: { ...identity.enrichment, module: absolute(identity.enrichment.module) },
      }),
      ...(identity.revocations && {
        revocations: { ...identity.revocations, file: absolute(identity.revocations.file) },
      }),
      apiKeys: { ...identity.apiKeys, directory: directoryOf(identity.apiKeys) },
      issuers: identity.issuers.map((issuer) => ({
        ...issuer,
        ...mapDefined({ jwksFile: issuer.jwksFile }, absolute),
      })),
      ...(identity.tokenEndpoint === undefined
        ? {}
        : {
            tokenEndpoint: {
              ...identity.tokenEndpoint,
              ...mapDefined({ keysFile: identity.tokenEndpoint.keysFile }, absolute),
            },
          }),
    },
    documents: {
      ...documents,
      trusted: {
        ...trusted,
        manifests: trusted.manifests.map((manifest) =>
          typeof manifest === 'string' ? absolute(manifest) : { ...manifest, path: absolute(manifest.path) },
        ),
        published: {
          ...trusted.published,
          file: trusted.published.file === '' ? '' : absolute(trusted.published.file),
        },
      },
    },
    upstream: {
      ...upstream,
      subgraphs: Object.fromEntries(
        Object.entries(upstream.subgraphs).map(([name, subgraph]) => [
          name,
          { ...subgraph, ...mapDefined({ caFile: subgraph.caFile }, absolute) },
        ]),
      ),
    },
    usage: { ...usage, directory: directoryOf(usage) },
    bff: { directory: directoryOf(bff) },
  }
}

function mapDefined<K extends string>(
  values: Readonly<Record<K, string | undefined>>,
  change: (value: string) => string,
): Partial<Record<K, string>> {
  const changed: Partial<Record<K, string>> = {}
  for (const key of Object.keys(values) as K[]) {
    const value = values[key]
    if (value !== undefined) changed[key] = change(value)
  }
  return changed
}
