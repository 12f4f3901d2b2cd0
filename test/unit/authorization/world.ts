import { Kind, parse, validate, type OperationDefinitionNode } from 'graphql'
import {
  createAuthorization,
  createPolicySchema,
  type LoadedRules,
} from '../../../src/authorization/index.js'
import { authorizationOptions } from '../../../src/authorization/options.js'
import type { Authorized, Resolved } from '../../../src/kernel/contexts.js'
import { Deadline } from '../../../src/kernel/deadline.js'
import type { FieldExplanation } from '../../../src/kernel/explanation.js'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import { SILENT_LOGGER, type Logger } from '../../../src/kernel/ports/logger.js'
import type { Metrics } from '../../../src/kernel/ports/metrics.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { ResponseHead } from '../../../src/kernel/response-head.js'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import { FEDERATION_LINK, makeSupergraph, RATE_LIMIT_LINK } from '../../support/make-supergraph.js'

export const ANONYMOUS: Principal = {
  kind: 'anonymous',
  key: 'anonymous:127.0.0.1',
  tenant: 'acme',
  plan: 'free',
  scopes: new Set(),
  scopeKey: '',
  roles: [],
}

/** A signed-in user who holds these scopes. */
export function user(...scopes: readonly string[]): Principal {
  return {
    ...ANONYMOUS,
    kind: 'user',
    key: 'user:acme:u-1',
    userId: 'u-1',
    scopes: new Set(scopes),
    scopeKey: [...scopes].sort().join(' '),
  }
}

/** A supergraph of one subgraph, with every federation directive and `@rateLimit` at hand. */
export function graph(typeDefs: string): Supergraph {
  return makeSupergraph([{ name: 'shop', typeDefs: FEDERATION_LINK + RATE_LIMIT_LINK + typeDefs }])
}

/** An operation as resolveDocument would leave it; throws where the API schema does not admit it. */
export function operationOf(supergraph: Supergraph, source: string, name?: string): OperationRecord {
  const document = parse(source)
  const problems = validate(supergraph.apiSchema, document)
  if (problems[0]) throw problems[0]
  const operation = document.definitions.find(
    (one): one is OperationDefinitionNode =>
      one.kind === Kind.OPERATION_DEFINITION && (name === undefined || one.name?.value === name),
  )
  if (!operation) throw new Error('The document has no such operation.')
  const type = operation.operation
  return { hash: `test:${source}`, name: operation.name?.value, type, document, operation, source }
}

export interface World {
  readonly supergraph: Supergraph
  readonly run: (
    source: string | OperationRecord,
    principal?: Principal,
    variables?: Resolved['variables'],
  ) => Promise<Outcome>
  readonly explain: (
    source: string,
    principal?: Principal,
    variables?: Resolved['variables'],
  ) => Promise<readonly FieldExplanation[]>
  readonly runRaw: (
    operation: OperationRecord,
    principal: Principal,
    variables?: Resolved['variables'],
  ) => Authorized | Promise<Authorized>
}

/** What a test looks at: the denials as short lines, and the text that may go on to planning. */
export interface Outcome {
  /** `path [types] CODE`, sorted. */
  readonly denied: readonly string[]
  /** Printed on one line; `null` when nothing is left. */
  readonly permitted: string | null
  readonly authorized: Authorized
}

export interface WorldParts {
  readonly options?: Parameters<typeof authorizationOptions.parse>[0]
  readonly permissions?: LoadedRules['permissions']
  readonly policies?: LoadedRules['policies']
  /** What a rule module exports as `options`. */
  readonly written?: LoadedRules['options']
  readonly logger?: Logger
  readonly metrics?: Metrics
}

export function world(typeDefsOrSupergraph: string | Supergraph, parts: WorldParts = {}): World {
  const supergraph =
    typeof typeDefsOrSupergraph === 'string' ? graph(typeDefsOrSupergraph) : typeDefsOrSupergraph
  const policySchema = createPolicySchema(supergraph)
  const { stage, explain } = createAuthorization(authorizationOptions.parse(parts.options ?? {}), {
    policySchema,
    supergraph,
    rules: {
      ...(parts.permissions ? { permissions: parts.permissions } : {}),
      ...(parts.policies ? { policies: parts.policies } : {}),
      ...(parts.written ? { options: parts.written } : {}),
    },
    logger: parts.logger ?? SILENT_LOGGER,
    ...(parts.metrics ? { metrics: parts.metrics } : {}),
  })
  const runRaw: World['runRaw'] = (operation, principal, variables = {}) =>
    stage.run(resolved(operation, principal, variables))
  return {
    supergraph,
    runRaw,
    explain: async (source, principal = ANONYMOUS, variables = {}) =>
      (await explain(resolved(operationOf(supergraph, source), principal, variables))).fields,
    run: async (source, principal = ANONYMOUS, variables = {}) => {
      const operation = typeof source === 'string' ? operationOf(supergraph, source) : source
      const authorized = await runRaw(operation, principal, variables)
      const denied = authorized.denials.map(
        ({ path, parentTypes, code }) => `${path.join('.')} [${[...parentTypes].sort().join(' ')}] ${code}`,
      )
      return {
        denied: denied.map((line) => line.replace(' UNAUTHORIZED_FIELD_OR_TYPE', '')).sort(),
        permitted: oneLine(authorized.permitted),
        authorized,
      }
    },
  }
}

export function oneLine(record: OperationRecord | null): string | null {
  return record === null ? null : record.source.replaceAll(/\s+/g, ' ').trim()
}

export function resolved(
  operation: OperationRecord,
  principal: Principal,
  variables: Resolved['variables'],
): Resolved {
  return {
    requestId: 'request-1',
    credentials: {},
    client: { address: '127.0.0.1', name: 'shop-ios', version: '7.1' },
    deadline: new Deadline(60_000),
    responseHead: new ResponseHead(),
    frontEnd: 'graphql',
    request: { readOnly: false },
    principal,
    admission: { limit: 1, remaining: 1, resetSeconds: 1 },
    operation,
    variables,
  }
}
