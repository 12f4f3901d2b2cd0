import { fileURLToPath } from 'node:url'
import { describe, expect, it, jest } from '@jest/globals'
import { buildSchema } from 'graphql'
import { allow, deny, rule, shield } from 'graphql-shield'
import {
  createAuthorization,
  createPolicySchema,
  loadShieldRules,
  PolicyError,
} from '../../../src/authorization/index.js'
import { authorizationOptions } from '../../../src/authorization/options.js'
import type { ShieldMiddleware } from '../../../src/authorization/read-shield.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import { createMetrics } from '../../../src/infra/metrics.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { ANONYMOUS, graph, operationOf, user, world, type World } from './world.js'

const SCHEMA = `
  type Query {
    open: String
    me: User
    users: [User] @requiresScopes(scopes: [["admin"], ["user:read", "user:list"]])
    policed: String @policy(policies: [["night"]])
  }
  type User { id: ID! email: String @requiresScopes(scopes: [["user:email"]]) }
  type Mutation { free: Int paid: Int @requiresScopes(scopes: [["pay"]]) }
`

async function refusalOf(shop: World, source: string, principal?: Principal): Promise<GatewayError> {
  const caught: unknown = await shop.run(source, principal).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(caught instanceof GatewayError)) throw new Error('The operation was not refused.')
  return caught
}

describe('options', () => {
  it('has defaults for everything and refuses unknown keys', () => {
    expect(authorizationOptions.parse({})).toEqual({
      mode: 'prune',
      onMutationDenied: 'prune',
      dryRun: false,
      fallback: 'allow',
      ruleCache: 'no_cache',
      ruleTimeoutMs: 1_000,
      watchRules: true,
    })
    expect(authorizationOptions.safeParse({ fallBack: 'deny' }).success).toBe(false)
  })
})

describe('mode: reject', () => {
  const strict = world(SCHEMA, { options: { mode: 'reject' } })

  it('refuses the whole operation, naming paths and the scopes that would help', async () => {
    const refusal = await refusalOf(strict, '{ open me { id e: email } users { id } }', user())
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', status: 403 })
    expect(refusal.extensions).toEqual({ paths: [['me', 'e'], ['users']] })
    expect(refusal.headers).toEqual({
      'www-authenticate': 'Bearer realm="gatehouse", error="insufficient_scope", scope="user:email admin"',
    })
  })

  it.each<readonly [string, string, Principal, string]>([
    [
      'only the scopes that are missing',
      '{ me { email } users { id } }',
      user('admin'),
      ', error="insufficient_scope", scope="user:email"',
    ],
    [
      'the first alternative in full',
      '{ users { id } }',
      user('user:read'),
      ', error="insufficient_scope", scope="admin"',
    ],
    ['no error to a caller without credential', '{ users { id } }', ANONYMOUS, ', scope="admin"'],
    ['neither where a policy refuses', '{ policed }', user('admin'), ''],
  ])('challenges with %s (RFC 6750 §3.1)', async (_name, source, principal, challenge) => {
    const refusal = await refusalOf(strict, source, principal)
    expect(refusal.headers).toEqual({ 'www-authenticate': `Bearer realm="gatehouse"${challenge}` })
  })

  it('refuses again from memory', async () => {
    await refusalOf(strict, '{ users { id } }')
    expect((await refusalOf(strict, '{ users { id } }')).code).toBe('FORBIDDEN')
  })

  it('lets through what has no denial', async () => {
    expect((await strict.run('{ open me { id } }')).permitted).toBe('{ open me { id } }')
  })
})

describe('onMutationDenied: reject', () => {
  const careful = world(SCHEMA, { options: { onMutationDenied: 'reject' } })

  it('runs nothing of a mutation with a denied field, and prunes queries as before', async () => {
    expect((await refusalOf(careful, 'mutation { free paid }')).code).toBe('FORBIDDEN')
    expect((await careful.run('{ open users { id } }')).permitted).toBe('{ open }')
  })
})

describe('dryRun', () => {
  it('lets everything through and says what it would have refused', async () => {
    const warn = jest.fn()
    const metrics = createMetrics({ processMetrics: false })
    const shop = world(SCHEMA, {
      options: { dryRun: true, mode: 'reject' },
      logger: { ...SILENT_LOGGER, warn },
      metrics,
    })
    const source = 'query Q { open users { id } }'
    expect(await shop.run(source)).toMatchObject({ denied: [], permitted: source })
    expect(warn.mock.calls[0]?.[0]).toEqual({
      requestId: 'request-1',
      operation: 'Q',
      refused: [{ path: 'users', coordinate: 'Query.users', code: 'UNAUTHORIZED_FIELD_OR_TYPE' }],
    })
    expect(await metrics.text()).toContain(
      'gateway_dry_run_refusals_total{code="UNAUTHORIZED_FIELD_OR_TYPE"} 1',
    )
  })
})

describe('faults', () => {
  it('are thrown, never taken for consent', async () => {
    const supergraph = graph(SCHEMA)
    const policySchema = createPolicySchema(supergraph)
    const broken = {
      ...policySchema,
      check: (...args: Parameters<typeof policySchema.check>) => ({
        ...policySchema.check(...args),
        ask: () => Promise.reject(new TypeError('broken')),
      }),
    }
    const { stage } = createAuthorization(authorizationOptions.parse({}), {
      policySchema: broken,
      supergraph,
      logger: SILENT_LOGGER,
    })
    const { authorized } = await world(supergraph).run('{ users { id } open }')
    await expect(Promise.resolve(stage.run(authorized))).rejects.toThrow('broken')
  })
})

describe('summary', () => {
  it('counts what is guarded and names policies that nobody decides', () => {
    const supergraph = graph(SCHEMA)
    const { summary } = createAuthorization(authorizationOptions.parse({}), {
      policySchema: createPolicySchema(supergraph),
      supergraph,
      rules: { permissions: { Query: { open: rule('r')(() => true) } } },
      logger: SILENT_LOGGER,
    })
    expect(summary()).toEqual({
      fieldsGuardedByDirectives: 4,
      fieldsGuardedByRules: 1,
      fieldsJudgedAfterFetch: [],
      undecidedPolicies: ['night'],
    })
  })
})

describe('loadShieldRules', () => {
  const path = (name: string): string => fileURLToPath(new URL(`./rules/${name}`, import.meta.url))

  it('loads a module as the documentation of shield has it', async () => {
    const shop = world(SCHEMA.replace(/@requiresScopes\(scopes: \[\["admin.*/, ''), {
      ...(await loadShieldRules(path('by-default.mjs'))),
    })
    const source = '{ open users { id } policed }'
    const editor = { ...user(), roles: ['editor'] }
    expect((await shop.run(source)).denied).toEqual(['policed [Query]', 'users [Query]'])
    expect((await shop.run(source, user())).denied).toEqual(['users [Query]'])
    expect((await shop.run(source, editor)).denied).toEqual([])
  })

  it.each(['both-alike.mjs', 'common.cjs'])('takes the one tree of %s', async (name) => {
    const { permissions, policies } = await loadShieldRules(path(name))
    const shop = world('type Query { open: Int users: Int }', { ...(permissions && { permissions }) })
    expect((await shop.run('{ open users }')).denied).toEqual(['users [Query]'])
    expect(policies).toBeUndefined()
  })

  it.each(['middleware.mjs', 'middleware-by-default.mjs', 'common-shield.cjs'])(
    'takes what shield() returned in %s',
    async (name) => {
      const { permissions } = await loadShieldRules(path(name))
      const shop = world('type Query { open: Int users: Int }', { ...(permissions && { permissions }) })
      const isClosed = name === 'common-shield.cjs'
      const { denied, authorized } = await shop.run('{ open users }')
      expect(denied).toEqual(isClosed ? ['open [Query]', 'users [Query]'] : ['users [Query]'])
      expect(authorized.denials[0]?.message).toBe(isClosed ? 'Sign in.' : 'Unauthorized field or type')
      expect((await shop.run('{ users }', user())).denied).toEqual([])
    },
  )

  it('refuses what shield() returned where a rule is of another copy of shield', () => {
    class Rule {
      readonly resolve = () => Promise.resolve(true)
      readonly extractFragment = () => undefined
    }
    const foreign = new Rule() as unknown as ReturnType<ReturnType<typeof rule>>
    const permissions = shield({ Query: { open: allow, users: foreign } }) as ShieldMiddleware
    const build = () => world('type Query { open: Int users: Int }', { permissions })
    expect(build).toThrow(PolicyError)
    expect(build).toThrow('What decides about Query.users is no rule of graphql-shield')
  })

  it('refuses a combination of another copy of shield, whatever its parts are', () => {
    const signedIn = rule('signedIn')(
      (_parent, _args, { user: who }: { user: object | null }) => who !== null,
    )
    class RuleNot {
      readonly getRules = () => [signedIn]
      readonly extractFragments = () => []
      readonly resolve = async (...call: Parameters<typeof signedIn.resolve>) =>
        (await signedIn.resolve(...call)) !== true
    }
    const foreign = new RuleNot() as unknown as typeof signedIn
    const permissions = shield({ Query: { users: foreign } }) as ShieldMiddleware
    const build = () => world('type Query { open: Int users: Int }', { permissions })
    expect(build).toThrow(PolicyError)
    expect(build).toThrow('What decides about Query.users is no rule of graphql-shield')
  })

  // As shield does that has another copy of graphql, in production: it knows no object type of the graph then.
  it.each([
    ['any type', '', 'Query.open'],
    ['a type', 'type Query { open: Int }', 'Thing.x'],
    ['a field', 'type Query { open: Int } type Thing { y: Int }', 'Thing.x'],
  ])('refuses what says nothing about %s', (_what, known, coordinate) => {
    const types = known === '' ? {} : buildSchema(known).getTypeMap()
    const permissions: ShieldMiddleware = {
      generate: () => (shield({}) as ShieldMiddleware).generate({ getTypeMap: () => types }),
    }
    const build = () => world('type Query { open: Thing } type Thing { x: Int }', { permissions })
    expect(build).toThrow(PolicyError)
    expect(build).toThrow(`What decides about ${coordinate} is no rule of graphql-shield`)
  })

  it('finds the rules of types that have the name of something else', async () => {
    const permissions = shield({ valueOf: { x: deny } }) as ShieldMiddleware
    const shop = world('type Query { open: valueOf } type valueOf { x: Int y: Int }', { permissions })
    expect((await shop.run('{ open { x y } }')).denied).toEqual(['open.x [valueOf]'])
  })

  it('refuses another middleware', async () => {
    const { permissions } = await loadShieldRules(path('other-middleware.mjs'))
    const build = () => world('type Query { open: Int }', { ...(permissions && { permissions }) })
    expect(build).toThrow(PolicyError)
    expect(build).toThrow('What decides about Query.open is no rule of graphql-shield')
  })

  it.each([
    ['no-rules.mjs', 'exports something else than a rule tree or the result of shield()'],
    ['options-twice.mjs', 'give them to shield() itself'],
    ['two-trees.mjs', 'exports one thing by default and another as "permissions"'],
    ['missing.mjs', 'cannot be loaded'],
    ['unknown-option.mjs', 'options.debug is not one of fallbackRule and fallbackError'],
    ['wrong-fallback.mjs', 'options.fallbackRule is not a rule'],
  ])('refuses %s with the reason', async (name, message) => {
    await expect(loadShieldRules(path(name))).rejects.toThrow(PolicyError)
    await expect(loadShieldRules(path(name))).rejects.toThrow(message)
  })
})

describe('memory', () => {
  const shop = world(SCHEMA)
  const CONDITIONS = [0, 1, 2, 3, 4, 5]
  const guardedUnderConditions = (rest: string) =>
    `query (${CONDITIONS.map((i) => `$v${i}: Boolean!`).join(' ')}) {
      ${CONDITIONS.map((i) => `u${i}: users @include(if: $v${i}) { id }`).join(' ')} ${rest} }`

  /** How many of the 64 different outcomes of one operation are still known once all were asked for. */
  async function rememberedOutcomes(source: string): Promise<number> {
    const operation = operationOf(shop.supergraph, source)
    const outcomes = Array.from({ length: 64 }, (_, bits) =>
      Object.fromEntries(CONDITIONS.map((i) => [`v${i}`, ((bits >> i) & 1) === 1])),
    ).slice(1)
    const permittedOf = async (variables: Record<string, boolean>) =>
      (await shop.runRaw(operation, user(), variables)).permitted
    const first = []
    for (const variables of outcomes) first.push(await permittedOf(variables))
    let known = 0
    // The last first: what is asked for anew must not push out what is about to be looked at.
    for (const [index, variables] of [...outcomes.entries()].reverse()) {
      if ((await permittedOf(variables)) === first[index]) known += 1
    }
    return known
  }

  it('keeps more outcomes of a short operation than a graph has roles', async () => {
    expect(await rememberedOutcomes(guardedUnderConditions('open'))).toBeGreaterThan(20)
  })

  it('keeps few pruned copies of a long one, which a caller could make by flags', async () => {
    const known = await rememberedOutcomes(guardedUnderConditions('me { id } '.repeat(400)))
    expect(known).toBeGreaterThan(1)
    expect(known).toBeLessThan(10)
  })
})
