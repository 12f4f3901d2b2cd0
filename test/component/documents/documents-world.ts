import type { ClientView } from '../../support/graphql-client.js'
import {
  createRecordingSubgraph,
  startGateway,
  type EmbeddedGateway,
  type RecordingSubgraph,
} from '../../support/embedded-gateway.js'
import { createSignedIn } from '../../support/signed-in.js'
import { apolloManifest } from '../../unit/documents/trusted/folder.js'

const TYPE_DEFS = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@requiresScopes"])
  type Query {
    me: User
  }
  type Mutation {
    rename(name: String!): User
  }
  type User @key(fields: "id") {
    id: ID!
    name: String
    email: String @requiresScopes(scopes: [["user:email"]])
  }
`

export interface DocumentsWorld {
  readonly gateway: EmbeddedGateway
  readonly subgraph: RecordingSubgraph
  readonly createToken: (claims?: object) => string
}

/** A gateway over one subgraph, with trusted documents as the test wants them. */
export async function startDocumentsWorld(
  documents: object,
  { files = {}, config = {} }: { readonly files?: Record<string, string>; readonly config?: object } = {},
): Promise<DocumentsWorld> {
  const subgraph = await createRecordingSubgraph({
    me: { __typename: 'User', id: 'u-1', name: 'Ada', email: 'ada@acme' },
    rename: { __typename: 'User', id: 'u-1', name: 'Ada', email: 'ada@acme' },
  })
  const { issuer, createToken } = createSignedIn()
  const gateway = await startGateway(
    { people: { url: subgraph.url, typeDefs: TYPE_DEFS } },
    { files, config: { documents, identity: { issuers: [issuer] }, cache: { enabled: false }, ...config } },
  )
  return { gateway, subgraph, createToken }
}

export const HOME = 'query Home { me { id name } }'
export const HOME_DATA = { me: { id: 'u-1', name: 'Ada' } }
export const FULL = 'query Full { me { id email } }'
const RENAME = 'mutation Rename { rename(name: "x") { id } }'
/** Of trusted documents: `home`, for clients named `web` another one, `full` and `rename`. */
export const MANIFEST = apolloManifest([
  { id: 'home', body: HOME },
  { id: 'full', body: FULL },
  { id: 'rename', body: RENAME },
  { id: 'home', body: 'query WebHome { me { name } }', clientName: 'web' },
])
/** The verdict of a request that all went well with. */
export const GOOD = [200, undefined]

/** The same, with those of {@link MANIFEST} trusted. */
export function startTrustedWorld(
  trusted: object,
  { files = {}, config = {} }: { readonly files?: Record<string, string>; readonly config?: object } = {},
): Promise<DocumentsWorld> {
  return startDocumentsWorld(
    { trusted: { manifests: ['trusted.json'], ...trusted } },
    { files: { 'trusted.json': MANIFEST, ...files }, config },
  )
}

export interface Asked {
  readonly body?: object
  /** In place of a body: the parameters of a GET. */
  readonly search?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string | undefined
}

/** Sends one GraphQL request with exactly these parameters. */
export async function ask({ url }: { readonly url: string }, asked: Asked): Promise<ClientView> {
  const { body, search, token } = asked
  const headers = {
    'content-type': 'application/json',
    'apollo-require-preflight': '1',
    accept: 'application/graphql-response+json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...asked.headers,
  }
  const target = `${url}/graphql${search === undefined ? '' : `?${new URLSearchParams(search).toString()}`}`
  const response = await fetch(target, {
    method: search === undefined ? 'POST' : 'GET',
    headers,
    ...(search === undefined ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  const answer = JSON.parse(text) as { data?: unknown; errors?: ClientView['errors'] }
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    data: answer.data,
    errors: answer.errors ?? [],
    text,
  }
}

/** Status and code of the first error, which says all of a refusal. */
export function verdictOf({ status, errors }: ClientView): readonly [number, string | undefined] {
  return [status, errors[0]?.extensions.code]
}

export function byHash(sha256Hash: string): { readonly persistedQuery: object } {
  return { persistedQuery: { version: 1, sha256Hash } }
}
