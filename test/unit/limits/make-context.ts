import type { Authorized, ClientFacts, FrontEnd } from '../../../src/kernel/contexts.js'
import { createHash } from 'node:crypto'
import { Kind, parse, type OperationDefinitionNode } from 'graphql'
import { Deadline } from '../../../src/kernel/deadline.js'
import type { OperationRecord, VariableValues } from '../../../src/kernel/operation.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { ResponseHead } from '../../../src/kernel/response-head.js'

/** A principal of any kind; by default a user on the free plan. */
export function makePrincipal(facts: Partial<Principal> = {}): Principal {
  return {
    kind: 'user',
    key: 'user:acme:u-1',
    tenant: 'acme',
    plan: 'free',
    scopes: new Set(),
    scopeKey: '',
    roles: [],
    ...facts,
  }
}

export const ANONYMOUS = makePrincipal({ kind: 'anonymous', key: 'anonymous' })

/** A request as the limits find it; `query` and `variables` where the operation matters. */
export function makeContext(
  facts: {
    readonly principal?: Principal
    readonly client?: ClientFacts
    readonly operation?: OperationRecord
    readonly variables?: VariableValues
    readonly frontEnd?: FrontEnd
    readonly route?: string
    readonly stored?: OperationRecord
    readonly readOnly?: boolean
  } = {},
): Authorized {
  const operation = facts.operation ?? makeOperation('{ __typename }')
  return {
    requestId: 'request-1',
    credentials: {},
    client: facts.client ?? { address: '192.0.2.1' },
    deadline: new Deadline(10_000),
    responseHead: new ResponseHead(),
    frontEnd: facts.frontEnd ?? 'graphql',
    route: facts.route,
    stored: facts.stored,
    request: { readOnly: facts.readOnly ?? false },
    principal: facts.principal ?? makePrincipal(),
    admission: { limit: 1, remaining: 1, resetSeconds: 1 },
    operation,
    variables: facts.variables ?? {},
    denials: [],
    permitted: operation,
  }
}

export function makeOperation(source: string): OperationRecord {
  const document = parse(source)
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  )
  if (operation === undefined) throw new Error('The test has no operation.')
  const hash = createHash('sha256').update(source).digest('hex')
  return { hash, name: operation.name?.value, type: operation.operation, document, operation, source }
}
