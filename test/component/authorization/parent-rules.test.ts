/** Rules that need the parent object, from the operation to the answer, over planned subgraphs. */
import { afterEach, describe, expect, it } from '@jest/globals'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { and, or, rule, type IRules } from 'graphql-shield'
import { createAuthorization, createPolicySchema, PolicyError } from '../../../src/authorization/index.js'
import { authorizationOptions } from '../../../src/authorization/options.js'
import { createExecution, executionOptions } from '../../../src/execution/index.js'
import { createPlanning } from '../../../src/federation/index.js'
import { federationOptions } from '../../../src/federation/options.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { AnswerBody } from '../../../src/kernel/answer.js'
import { SILENT_LOGGER, type Logger } from '../../../src/kernel/ports/logger.js'
import { NO_METRICS } from '../../../src/kernel/ports/metrics.js'
import type { Principal } from '../../../src/kernel/principal.js'
import type { CallSubgraph } from '../../../src/kernel/upstream-call.js'
import {
  buildLocalSchema,
  createLocalCall,
  type LocalSubgraph,
  type Row,
} from '../../support/local-subgraph.js'
import { FEDERATION_LINK, makeSupergraph, type TestSubgraph } from '../../support/make-supergraph.js'
import { ANONYMOUS, operationOf, resolved, user } from '../../unit/authorization/world.js'

const USERS: readonly Row[] = [
  {
    __typename: 'User',
    id: 'u-1',
    name: 'Ada',
    email: 'ada@acme',
    ownerId: 'u-1',
    phone: '1',
    friends: ['u-2', 'u-3'],
  },
  {
    __typename: 'User',
    id: 'u-2',
    name: 'Bo',
    email: 'bo@acme',
    ownerId: 'u-1',
    phone: '2',
    friends: ['u-1'],
  },
  { __typename: 'User', id: 'u-3', name: 'Cy', email: 'cy@acme', ownerId: 'u-3', phone: '3', friends: [] },
]
const found = (id: unknown): Row | null => USERS.find((row) => row['id'] === id) ?? null

const SUBGRAPHS: readonly TestSubgraph[] = [
  {
    name: 'users',
    typeDefs: `${FEDERATION_LINK}
      interface Named { name: String }
      type User implements Named @key(fields: "id") { id: ID! name: String email: String phone: String! friends: [User!]! friend: User }
      type Bot implements Named { name: String serial: String }
      union Any = User | Bot
      type Query { me: User users: [User!]! any: [Any] named: [Named] }
      type Mutation { rename(name: String!): User }`,
  },
  {
    name: 'owners',
    typeDefs: `${FEDERATION_LINK}
      type User @key(fields: "id") { id: ID! ownerId: ID owner: Owner maker: ID! note: String @requiresScopes(scopes: [["note:read"]]) }
      type Owner { id: ID! tenant: String }`,
  },
]

const resolve: LocalSubgraph['fieldResolver'] = (row, _args, _context, info) => {
  const { fieldName, parentType } = info
  if (parentType.name === 'Query' && fieldName === 'me') return USERS[0]
  if (fieldName === 'users') return USERS
  if (fieldName === 'any' || fieldName === 'named') {
    return [USERS[0], { __typename: 'Bot', name: 'R2', serial: 's' }, USERS[2]]
  }
  if (fieldName === 'rename') return USERS[0]
  if (fieldName === 'friends') return (row['friends'] as string[]).map(found)
  if (fieldName === 'friend') return found((row['friends'] as string[])[0])
  if (fieldName === 'owner') return { id: row['ownerId'], tenant: 'acme' }
  return row[fieldName]
}

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface WorldParts {
  readonly logger?: Logger
  readonly options?: object
  /** Subgraphs that do not answer. */
  readonly down?: readonly string[]
  /** Fields that subgraphs fail to resolve. */
  readonly failing?: readonly string[]
  readonly users?: readonly Row[]
}

async function world(
  permissions: IRules,
  { logger = SILENT_LOGGER, options = {}, down = [], failing = [], users = USERS }: WorldParts = {},
) {
  const supergraph = makeSupergraph(SUBGRAPHS)
  const policySchema = createPolicySchema(supergraph)
  const authorization = createAuthorization(authorizationOptions.parse(options), {
    policySchema,
    supergraph,
    rules: { permissions },
    logger,
  })
  const planning = await createPlanning(federationOptions.parse({}), { supergraph, logger: SILENT_LOGGER })
  closers.push(planning.close)
  const sent: string[] = []
  const local = new Map(
    SUBGRAPHS.map((subgraph) => {
      const schema = buildLocalSchema(subgraph, ({ id }) => found(id))
      const fieldResolver: LocalSubgraph['fieldResolver'] = (row, args, context, info) => {
        const coordinate = `${info.parentType.name}.${info.fieldName}`
        if (failing.includes(coordinate)) throw new Error(`no ${coordinate} today`)
        return coordinate === 'Query.users' ? users : resolve(row, args, context, info)
      }
      return [subgraph.name, { schema, fieldResolver }] as const
    }),
  )
  const callLocal = createLocalCall(local, ({ subgraph, source }) => sent.push(`${subgraph} ${source}`))
  const call: CallSubgraph = async (request) => {
    if (down.includes(request.subgraph)) throw new GatewayError('SUBREQUEST_TIMEOUT', 'Too slow.')
    return callLocal(request)
  }
  const execution = createExecution(executionOptions.parse({}), {
    supergraph,
    call,
    logger: SILENT_LOGGER,
    metrics: NO_METRICS,
  })
  const shape = authorization.judge(execution.shape)
  return {
    sent,
    summary: authorization.summary(),
    isCacheable: async (query: string) =>
      (await authorization.stage.run(resolved(operationOf(supergraph, query), user(), {})))
        .isJudgedAfterFetch !== true,
    ask: async (query: string, principal: Principal = user(), variables = {}): Promise<AnswerBody> => {
      const context = resolved(operationOf(supergraph, query), principal, variables)
      const authorized = await authorization.stage.run(context)
      const planned = await planning.stage.run({ ...authorized, charge: { countedFields: 0 } })
      const shaped = await shape.run(await execution.fetch.run(planned))
      return JSON.parse(shaped.answer.text) as AnswerBody
    },
  }
}

const isOwner = rule({ fragment: 'fragment Owner on User { ownerId }' })(
  (parent: Row, _args: unknown, { user: who }: { user: { id: string } | null }) =>
    parent['ownerId'] === who?.id,
)
const refusal = (...path: (string | number)[]) => ({
  message: 'Unauthorized field or type',
  path,
  extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
})

describe('a rule that declares a fragment', () => {
  it('is asked about each object that came, with what it declared and no client asked for', async () => {
    const { ask, sent, summary } = await world({ User: { email: isOwner } })
    expect(summary.fieldsJudgedAfterFetch).toEqual(['User.email'])
    expect(await ask('{ users { id mail: email } }')).toEqual({
      errors: [refusal('users', 2, 'mail')],
      data: {
        users: [
          { id: 'u-1', mail: 'ada@acme' },
          { id: 'u-2', mail: 'bo@acme' },
          { id: 'u-3', mail: null },
        ],
      },
    })
    expect(sent.join(' ')).toContain('ownerId')
  })

  it('leaves operations alone that do not touch its field', async () => {
    const { ask, sent, isCacheable } = await world({ User: { email: isOwner } })
    expect(await ask('{ users { id name } }')).toEqual({
      data: { users: USERS.map(({ id, name }) => ({ id, name })) },
    })
    expect(sent.join(' ')).not.toContain('ownerId')
    expect(await isCacheable('{ users { id name } }')).toBe(true)
    expect(await isCacheable('{ users { id email } }')).toBe(false)
  })

  it('makes null what is around a field that may not be null', async () => {
    const { ask } = await world({ User: { phone: isOwner } })
    expect(await ask('{ me { friend { phone } } }')).toEqual({ data: { me: { friend: { phone: '2' } } } })
    // friends is [User!]!, and `me` may be null.
    expect(await ask('{ me { id friends { phone } } }')).toEqual({
      errors: [refusal('me', 'friends', 1, 'phone')],
      data: { me: null },
    })
    expect(await ask('{ users { phone } }')).toEqual({
      errors: [refusal('users', 2, 'phone')],
      data: null,
    })
  })

  it('has no errors below what it refused', async () => {
    const { ask } = await world({ User: { friends: isOwner, email: isOwner } })
    expect(
      await ask('{ any { ... on User { id friend { email friends { email } } } } }', user()),
    ).toMatchObject({
      data: { any: [{ id: 'u-1', friend: { email: 'bo@acme', friends: [{ email: 'ada@acme' }] } }, {}, {}] },
    })
    expect(await ask('{ a: me { name } b: users { email } }', ANONYMOUS)).toMatchObject({
      errors: [refusal('b', 0, 'email'), refusal('b', 1, 'email'), refusal('b', 2, 'email')],
    })
  })

  it('finds the type of each object below unions and interfaces', async () => {
    const { ask } = await world({
      User: { email: isOwner },
      Bot: { serial: rule({ fragment: 'fragment N on Bot { name }' })(({ name }: Row) => name === 'HAL') },
    })
    const query =
      '{ any { ... on User { email } ...B } named { name ... on User { email } __typename } } fragment B on Bot { serial }'
    expect(await ask(query)).toEqual({
      errors: [refusal('any', 1, 'serial'), refusal('any', 2, 'email'), refusal('named', 2, 'email')],
      data: {
        any: [{ email: 'ada@acme' }, { serial: null }, { email: null }],
        named: [
          { name: 'Ada', email: 'ada@acme', __typename: 'User' },
          { name: 'R2', __typename: 'Bot' },
          { name: 'Cy', email: null, __typename: 'User' },
        ],
      },
    })
  })

  it.each([
    '{ users { email } gatehouse_field_ownerId: me { id } }',
    '{ users { email gatehouse_field_ownerId: name gatehouse_typename: id } }',
    '{ users { email ownerId: name } }',
    '{ users { ...F } } fragment F on User { email ownerId }',
    'query ($no: Boolean = false) { users { email ownerId @include(if: $no) } }',
    '{ users { __typename email } }',
  ])('is not led astray by what a client asks: %s', async (query) => {
    const { ask } = await world({ User: { email: isOwner } })
    const variables = query.includes('$no') ? { no: false } : {}
    const { data, errors } = await ask(query, user(), variables)
    const users = (data?.['users'] ?? []) as Row[]
    expect(users.map(({ email }) => email)).toEqual(['ada@acme', 'bo@acme', null])
    expect(errors).toEqual([refusal('users', 2, 'email')])
    const asked = new Set(query.match(/\w+/g))
    for (const row of users) for (const key of Object.keys(row)) expect(asked).toContain(key)
  })

  it('reaches its field by alias, fragment and condition alike, for a stranger', async () => {
    const { ask } = await world({ User: { email: isOwner } })
    for (const query of [
      '{ me { x: email } }',
      '{ me { ...F } } fragment F on User { x: email }',
      '{ me { ... { ... on User { x: email } } } }',
      'query ($yes: Boolean = true) { me { x: email @include(if: $yes) } }',
      '{ me { ...F ...F x: email } } fragment F on User { x: email }',
    ]) {
      expect(await ask(query, ANONYMOUS, { yes: true })).toEqual({
        errors: [refusal('me', 'x')],
        data: { me: { x: null } },
      })
    }
  })

  it('may be part of a combination, which is then asked as a whole', async () => {
    const isStaff = rule('isStaff')((_parent, _args, { principal }: { principal: Principal }) =>
      principal.roles.includes('staff'),
    )
    const { ask } = await world({ User: { email: or(isStaff, and(isOwner, isOwner)) } })
    const staff: Principal = { ...user(), key: 'user:acme:u-9', userId: 'u-9', roles: ['staff'] }
    expect(await ask('{ users { email } }', staff)).toEqual({
      data: { users: USERS.map(({ email }) => ({ email })) },
    })
    expect(((await ask('{ users { email } }')).errors ?? []).length).toBe(1)
  })

  it('is not asked about a field that a directive refused, whatever it reads', async () => {
    const asked: unknown[] = []
    const reads = (fields: string) =>
      rule({ fragment: `fragment R on User { ${fields} }` })((parent: Row) => asked.push(parent) > 0)
    for (const fields of ['id', 'id ownerId', 'name owner { id }']) {
      const { ask } = await world({ User: { note: reads(fields) } })
      expect(await ask('{ me { note } any { ... on User { n: note name } } }')).toEqual({
        errors: [refusal('me', 'note'), refusal('any', '@', 'n')],
        data: { me: { note: null }, any: [{ n: null, name: 'Ada' }, {}, { n: null, name: 'Cy' }] },
      })
    }
    expect(asked).toEqual([])
  })

  it('reads objects inside the parent', async () => {
    const sameTenant = rule({ fragment: 'fragment O on User { owner { id tenant } }' })(
      ({ owner }: Row, _args, { principal }: { principal: Principal }) =>
        (owner as Row)['tenant'] === principal.tenant,
    )
    const { ask } = await world({ User: { email: sameTenant } })
    expect(await ask('{ me { email } }')).toEqual({ data: { me: { email: 'ada@acme' } } })
    expect(await ask('{ me { email } }', { ...user(), tenant: 'globex' })).toMatchObject({
      data: { me: { email: null } },
    })
  })

  it('refuses with a fault where it throws, reads what it did not declare, or gets nothing for certain', async () => {
    const logged: string[] = []
    const logger: Logger = { ...SILENT_LOGGER, error: (_facts, message) => void logged.push(message) }
    const fault = { path: ['me', 'email'], extensions: { code: 'AUTHORIZATION_FAULT' } }
    const careless = rule({ fragment: 'fragment A on User { id }' })(({ name }: Row) => name === 'Ada')
    const throws = rule({ fragment: 'fragment B on User { id }' })(() => {
      throw new Error('connect ECONNREFUSED 10.0.0.7')
    })
    const curious = rule({ fragment: 'fragment D on User { id }' })((parent: Row) => !('deleted' in parent))
    for (const broken of [careless, throws, curious]) {
      const answer = await (await world({ User: { email: broken } }, { logger })).ask('{ me { email } }')
      expect(answer).toMatchObject({ errors: [fault], data: { me: { email: null } } })
      expect(JSON.stringify(answer)).not.toContain('10.0.0.7')
    }
    expect(logged).toHaveLength(3)

    const lenient = rule({ fragment: 'fragment C on User { ownerId }' })(
      ({ ownerId }: Row) => ownerId === null || ownerId === 'u-1',
    )
    const { ask } = await world({ User: { email: lenient } }, { down: ['owners'] })
    const answer = await ask('{ me { email } }')
    expect(answer.data).toEqual({ me: { email: null } })
    expect(answer.errors?.map(({ extensions }) => extensions.code).sort()).toEqual([
      'AUTHORIZATION_FAULT',
      'SUBREQUEST_TIMEOUT',
    ])
    expect(JSON.stringify(answer)).not.toContain('gatehouse_')
  })

  it('gets nothing for certain where a fault is inside the object that it reads', async () => {
    const lenient = rule({ fragment: 'fragment O on User { owner { id tenant } }' })(
      ({ owner }: Row) => (owner as Row)['tenant'] !== 'globex',
    )
    const { ask } = await world({ User: { email: lenient } }, { failing: ['Owner.tenant'] })
    expect(await ask('{ me { email } }')).toMatchObject({
      errors: [{ path: ['me', 'email'], extensions: { code: 'AUTHORIZATION_FAULT' } }, {}],
      data: { me: { email: null } },
    })
  })

  it('gets nothing for certain where the errors of a fault are too many to be shown', async () => {
    const lenient = rule({ fragment: 'fragment C on User { ownerId }' })(
      ({ ownerId }: Row) => ownerId === null,
    )
    const users = Array.from({ length: 300 }, (_, index) => ({ ...USERS[0], id: `u-${index}` }))
    for (const fault of [{ down: ['owners'] }, { failing: ['User.ownerId', 'User.friend'] }]) {
      const { ask } = await world({ User: { email: lenient } }, { users, ...fault })
      const answer = await ask('{ users { friend { id } email } }')
      expect(JSON.stringify(answer)).not.toContain('ada@acme')
    }
  })

  it('keeps its hidden fields to itself where their fault leaves nothing', async () => {
    const isMaker = rule({ fragment: 'fragment M on User { maker }' })(({ maker }: Row) => maker === 'u-1')
    const { ask } = await world({ User: { email: isMaker } }, { failing: ['User.maker'] })
    const answer = await ask('{ users { email } }')
    expect(answer.data).toBeNull()
    expect(JSON.stringify(answer)).not.toContain('gatehouse_')
  })

  it('tells nothing more of a field that it refused', async () => {
    const { ask } = await world({ User: { email: isOwner } }, { failing: ['User.email'] })
    expect(await ask('{ me { email } }', ANONYMOUS)).toEqual({
      errors: [refusal('me', 'email')],
      data: { me: { email: null } },
    })
  })

  it('takes no longer for keys that look like hidden ones, however long they are', async () => {
    const { ask } = await world({ User: { email: isOwner } })
    const key = `${'_'.repeat(200_000)}gatehouse_field_ownerId`
    // A search by the square of its length would take two minutes.
    expect(await ask(`{ me { email ${key}: name } }`, ANONYMOUS)).toMatchObject({
      data: { me: { email: null, [key]: 'Ada' } },
    })
  })

  it('refuses many objects in one answer', async () => {
    const users = Array.from({ length: 10_000 }, (_, index) => ({ ...USERS[2], id: `u-${index}` }))
    const isOn = rule({ fragment: 'fragment I on User { id }' })(
      (_parent, _args, { user: who }) => who !== null,
    )
    const { ask } = await world({ User: { email: isOn } }, { users })
    const { errors = [] } = await ask('{ users { email } }', ANONYMOUS)
    expect(errors).toHaveLength(users.length)
    expect(errors.at(-1)?.path).toEqual(['users', users.length - 1, 'email'])
  })

  it('lets other requests have the event loop while it is asked about many objects', async () => {
    let turn = 0
    const turns = new Set<number>()
    const slow = rule({ fragment: 'fragment I on User { id }' })(() => {
      turns.add(turn)
      const until = performance.now() + 1
      while (performance.now() < until);
      return true
    })
    const users = Array.from({ length: 60 }, (_, index) => ({ ...USERS[2], id: `u-${index}` }))
    const { ask } = await world({ User: { email: slow } }, { users })
    let isDone = false
    const others = async (): Promise<void> => {
      for (; !isDone; turn += 1) await nextTurn()
    }
    const counting = others()
    const { errors } = await ask('{ users { email } }')
    isDone = true
    await counting
    expect(errors).toBeUndefined()
    expect(turns.size).toBeGreaterThan(1)
  })

  it('refuses the whole operation where refusals do, but tells what a mutation did', async () => {
    const options = { mode: 'reject' }
    const { ask } = await world({ User: { email: isOwner } }, { options })
    expect(await ask('{ me { email } }')).toEqual({ data: { me: { email: 'ada@acme' } } })
    await expect(ask('{ users { id email } }')).rejects.toMatchObject({
      code: 'FORBIDDEN',
      extensions: { paths: [['users', 2, 'email']] },
    })
    expect(await ask('mutation { rename(name: "Eve") { id email } }', ANONYMOUS)).toEqual({
      errors: [refusal('rename', 'email')],
      data: { rename: { id: 'u-1', email: null } },
    })
  })

  it('is only written down in a dry run', async () => {
    const warned: object[] = []
    const logger: Logger = { ...SILENT_LOGGER, warn: (facts) => void warned.push(facts) }
    const { ask } = await world({ User: { email: isOwner } }, { logger, options: { dryRun: true } })
    expect(await ask('{ me { email } }', ANONYMOUS)).toEqual({ data: { me: { email: 'ada@acme' } } })
    expect(warned).toEqual([
      { requestId: 'request-1', coordinate: 'User.email', code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
    ])
  })

  it.each<[string, IRules, string]>([
    ['a mutation', { Mutation: { rename: isOwner } }, 'when the mutation has had its effect'],
    ['a root field', { Query: { me: isOwner } }, 'no object above a root field'],
    ['everything', isOwner, 'is not on Bot'],
    ['another type', { Bot: { serial: isOwner } }, 'is not on Bot'],
    [
      'a field that is not there',
      { User: { email: rule({ fragment: 'fragment A on User { nope }' })(() => true) } },
      'does not fit the schema',
    ],
    ['no fragment', { User: { email: rule({ fragment: '{ id }' })(() => true) } }, 'is not written as'],
    [
      'arguments or aliases',
      { User: { email: rule({ fragment: 'fragment A on User { a: id }' })(() => true) } },
      'plain fields only',
    ],
    [
      'an argument that is not there, further down',
      { User: { email: rule({ fragment: 'fragment A on User { owner { id(as: 1) } }' })(() => true) } },
      'does not fit the schema',
    ],
    [
      'a variable',
      {
        User: { email: rule({ fragment: 'fragment A on User { owner { id @skip(if: $v) } }' })(() => true) },
      },
      'uses the variable $v',
    ],
  ])('is refused at load for %s', async (_what, permissions, reason) => {
    await expect(world(permissions)).rejects.toThrow(PolicyError)
    await expect(world(permissions)).rejects.toThrow(reason)
  })
})
