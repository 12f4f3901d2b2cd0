import { describe, expect, it, jest } from '@jest/globals'
import { allow, and, chain, deny, inputRule, not, or, race, rule, shield, type IRules } from 'graphql-shield'
import { GraphQLError } from 'graphql'
import { PolicyError } from '../../../src/authorization/index.js'
import type { ShieldMiddleware } from '../../../src/authorization/read-shield.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { ANONYMOUS, operationOf, user, world, type World, type WorldParts } from './world.js'

const SCHEMA = `
  type Query { a(id: ID, text: String): String b: String thing: Thing open: String guarded: String @authenticated any: Any }
  type Thing { x: String y: String }
  type Other { x: String }
  union Any = Thing | Other
  interface Named { name: String }
  type Man implements Named { name: String }
  type Mutation { pay(amount: Int!): String tip(amount: Int!): String }
`
type ShieldRule = Extract<IRules, { resolve: unknown }>

/** As `resolved` has it, but for the address, which is for nobody to decide by. */
const CLIENT = { name: 'shop-ios', version: '7.1' }

interface RuleContextPart {
  readonly id?: string
  readonly key?: string
}

const yes = rule('yes')(() => true)
const no = rule('no')(() => false)
const throws = rule('throws')(() => {
  throw new Error('connect ECONNREFUSED 10.0.0.7 password=hunter2')
})

type Written = NonNullable<WorldParts['written']>

/** How a module may export what `shield()` is called with. */
const WAYS: readonly (readonly [string, (tree: IRules, options?: Written) => WorldParts])[] = [
  ['a tree', (permissions, written) => ({ permissions, ...(written && { written }) })],
  [
    'what shield() returned',
    (tree, options) => ({
      permissions: shield(tree, options as Parameters<typeof shield>[1]) as ShieldMiddleware,
    }),
  ],
]

describe.each(WAYS)('by %s:', (way, write) => {
  const shop = (tree: IRules, { written, ...parts }: Omit<WorldParts, 'permissions'> = {}): World =>
    world(SCHEMA, { ...parts, ...write(tree, written) })

  describe('graphql-shield rules', () => {
    it.each<[string, ShieldRule, boolean]>([
      ['a rule that says yes', yes, true],
      ['a rule that says no', no, false],
      ['allow', allow, true],
      ['deny', deny, false],
      ['and(yes, yes)', and(yes, yes), true],
      ['and(yes, no)', and(yes, no), false],
      ['or(no, yes)', or(no, yes), true],
      ['or(no, no)', or(no, no), false],
      ['not(no)', not(no), true],
      ['not(yes)', not(yes), false],
      ['chain(yes, yes)', chain(yes, yes), true],
      ['chain(yes, no)', chain(yes, no), false],
      ['race(no, yes)', race(no, yes), true],
      ['race(no, no)', race(no, no), false],
      ['something truthy', rule()(() => 1 as unknown as boolean), false],
      ['nothing', rule()(() => undefined as unknown as boolean), false],
      ['a promise of yes', rule()(() => Promise.resolve(true)), true],
    ])('%s', async (_what, tested, allowed) => {
      const { denied, permitted } = await shop({ Query: { a: tested } }).run('{ a open }')
      expect(denied).toEqual(allowed ? [] : ['a [Query]'])
      expect(permitted).toBe(allowed ? '{ a open }' : '{ open }')
    })

    it('applies a rule to a type, by wildcard, and to the whole schema', async () => {
      expect((await shop({ Thing: no }).run('{ thing { x y } }')).denied).toEqual([
        'thing.x [Thing]',
        'thing.y [Thing]',
      ])
      expect((await shop({ Thing: { '*': no, y: yes } }).run('{ thing { x y } }')).denied).toEqual([
        'thing.x [Thing]',
      ])
      expect((await shop(no).run('{ a thing { x } }')).denied).toEqual(['a [Query]', 'thing [Query]'])
    })

    it('gives rules the principal, the user, the client and coerced arguments', async () => {
      const seen: unknown[] = []
      const look = rule('look')((_parent, args, ctx) => {
        const { principal, requestId, user: who, client } = ctx as Record<string, RuleContextPart | null>
        seen.push([args, principal?.key, requestId, who === null ? null : who?.id, client])
        return true
      })
      const world = shop({ Query: { a: look } })
      await world.run('query ($id: ID) { a(id: $id) }', user(), { id: '7' })
      await world.run('{ a }', ANONYMOUS)
      expect(seen).toEqual([
        [{ id: '7' }, 'user:acme:u-1', 'request-1', 'u-1', CLIENT],
        [{}, 'anonymous:127.0.0.1', 'request-1', null, CLIENT],
      ])
    })

    it('judges every alias by its own arguments, whatever cache a rule declares (GHSA-hx78-272p-mqqh)', async () => {
      for (const cache of ['contextual', 'strict', 'no_cache'] as const) {
        const small = rule('small', { cache })((_parent, args: { amount: number }) => args.amount < 10)
        const { denied, permitted } = await shop({ Mutation: { pay: small, tip: small } }).run(
          'mutation { a: pay(amount: 1) b: pay(amount: 50) c: tip(amount: 1) d: tip(amount: 50) }',
        )
        expect(denied).toEqual(['b [Mutation]', 'd [Mutation]'])
        expect(permitted).toBe('mutation { a: pay(amount: 1) c: tip(amount: 1) }')
      }
    })

    it('shares declared results only where the operator asks for it', async () => {
      for (const [ruleCache, calls] of [
        ['no_cache', 3],
        ['as_declared', 1],
      ] as const) {
        let asked = 0
        const count = rule('count', { cache: 'contextual' })(() => {
          asked += 1
          return true
        })
        const world = shop({ Query: { a: count, b: count } }, { options: { ruleCache } })
        await world.run('{ a b c: a }')
        expect(asked).toBe(calls)
      }
    })

    it('asks a fallbackRule about every field that has no rule, a directive of its own or not', async () => {
      const isUser = rule('isUser')((_parent, _args, { user: who }: { user: object | null }) => who !== null)
      const { run } = shop(
        { Query: { open: allow }, Thing: { x: no } },
        { written: { fallbackRule: isUser } },
      )
      const source = '{ open a guarded thing { x y } __typename }'
      expect((await run(source)).denied).toEqual(['a [Query]', 'guarded [Query]', 'thing [Query]'])
      expect((await run(source, user())).denied).toEqual(['thing.x [Thing]'])
      const broken = shop({}, { written: { fallbackRule: or(throws, throws) } })
      expect((await broken.run('{ a }')).denied).toEqual(['a [Query] AUTHORIZATION_FAULT'])
      const free = shop({ Query: { a: no } }, { written: { fallbackRule: allow } })
      expect((await free.run('{ a open }')).permitted).toBe('{ open }')
    })

    it('leaves no two fallbacks to choose from', () => {
      const both = () => shop({}, { written: { fallbackRule: yes }, options: { fallback: 'deny' } })
      expect(both).toThrow(PolicyError)
      expect(both).toThrow('only one can decide')
    })

    it.each([
      ['a text', 'Members only.'],
      ['an error', new GraphQLError('Members only.', { extensions: { code: 'FORBIDDEN' } })],
      ['a function', (_thrown: null, _parent: object, { id }: { id?: string }) => `Members only.${id ?? ''}`],
      ['a promise', () => Promise.resolve(new Error('Members only.'))],
    ])('answers with fallbackError where a rule says no without words: %s', async (_what, fallbackError) => {
      const own = rule('own')(() => 'In words of my own.')
      const tree = { Query: { a: no, b: own, thing: and(no, throws) } }
      const { authorized } = await shop(tree, { written: { fallbackError } }).run(
        '{ a b thing { x } guarded }',
      )
      const code = typeof fallbackError === 'object' ? 'FORBIDDEN' : 'UNAUTHORIZED_FIELD_OR_TYPE'
      const said = authorized.denials.map((denial) => [denial.coordinate, [denial.message, denial.code]])
      expect(Object.fromEntries(said)).toEqual({
        'Query.a': ['Members only.', code],
        'Query.b': ['In words of my own.', 'UNAUTHORIZED_FIELD_OR_TYPE'],
        'Query.thing': ['Members only.', code],
        'Query.guarded': ['Unauthorized field or type', 'UNAUTHORIZED_FIELD_OR_TYPE'],
      })
    })

    it('refuses in plain words where fallbackError fails, and lets a fault be one', async () => {
      const written = { fallbackError: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7')) }
      const { authorized, denied } = await shop({ Query: { a: no, b: throws } }, { written }).run('{ a b }')
      expect(denied).toEqual(['a [Query]', 'b [Query] AUTHORIZATION_FAULT'])
      expect(JSON.stringify(authorized.denials)).not.toContain('10.0.0.7')
    })

    it('validates input with inputRule', async () => {
      const short = inputRule<{ text: string }>()(
        (yup) => yup.object({ text: yup.string().max(3, 'Too long') }) as never,
      )
      const world = shop({ Query: { a: short } })
      expect((await world.run('{ a(text: "abc") }')).denied).toEqual([])
      const { authorized } = await world.run('{ open a(text: "abcd") }')
      expect(authorized.denials).toMatchObject([{ message: 'Too long', code: 'UNAUTHORIZED_FIELD_OR_TYPE' }])
    })

    it('does not let a rule compare with data that is not there', async () => {
      const owner = rule('owner')(
        (parent: { ownerId?: string }, _args, ctx: { user?: { x?: string } }) =>
          parent.ownerId === ctx.user?.x,
      )
      const { denied } = await shop({ Thing: { x: owner } }).run('{ thing { x y } }')
      expect(denied).toEqual(['thing.x [Thing] AUTHORIZATION_FAULT'])
    })

    it('does not ask rules behind a directive that refuses, nor rules that the operation does not touch', async () => {
      const asked = jest.fn(() => true)
      const world = shop({ Query: { guarded: rule('spy')(asked) } })
      expect((await world.run('{ guarded open }')).denied).toEqual(['guarded [Query]'])
      const free = world.runRaw(operationOf(world.supergraph, '{ open }'), ANONYMOUS)
      expect(free).not.toBeInstanceOf(Promise)
      expect(asked).not.toHaveBeenCalled()
      await world.run('{ guarded }', user())
      expect(asked).toHaveBeenCalledTimes(1)
    })

    it('asks a function for every request, never from memory', async () => {
      let open = true
      const world = shop({ Query: { a: rule('switch')(() => open) } })
      const operation = operationOf(world.supergraph, '{ a open }')
      expect((await world.run(operation)).denied).toEqual([])
      open = false
      expect((await world.run(operation)).denied).toEqual(['a [Query]'])
    })
  })

  describe('messages of rules', () => {
    const refusal = async (verdict: string | Error): Promise<unknown> =>
      (await shop({ Query: { a: rule()(() => verdict) } }).run('{ a }')).authorized.denials[0]

    it('uses what the author wrote for clients', async () => {
      expect(await refusal('Only on Sundays')).toMatchObject({
        message: 'Only on Sundays',
        code: 'UNAUTHORIZED_FIELD_OR_TYPE',
      })
      expect(await refusal(new Error('Not you'))).toMatchObject({
        message: 'Not you',
        code: 'UNAUTHORIZED_FIELD_OR_TYPE',
      })
    })

    it('takes a code from the catalogue and no other', async () => {
      const coded = (code: string): Error => new GraphQLError('No', { extensions: { code } })
      expect(await refusal(coded('FORBIDDEN'))).toMatchObject({ message: 'No', code: 'FORBIDDEN' })
      expect(await refusal(coded('MY_CODE'))).toMatchObject({
        message: 'No',
        code: 'UNAUTHORIZED_FIELD_OR_TYPE',
      })
      expect(await refusal(coded('constructor'))).toMatchObject({ code: 'UNAUTHORIZED_FIELD_OR_TYPE' })
    })
  })

  describe('rules that throw', () => {
    it.each<[string, ShieldRule]>([
      ['alone', throws],
      ['under not', not(throws)],
      ['under or', or(no, throws)],
      ['under or beside a yes', or(yes, throws)],
      ['under and', and(yes, throws)],
      ['in a chain', chain(yes, throws)],
      ['in a race', race(no, throws)],
      ['deep', and(yes, or(no, not(throws)))],
    ])('refuse %s, as a fault that is logged and not shown', async (_how, tested) => {
      const error = jest.fn()
      const world = shop({ Query: { a: tested } }, { logger: { ...SILENT_LOGGER, error } })
      const { denied, authorized } = await world.run('{ a open }')
      expect(denied).toEqual(['a [Query] AUTHORIZATION_FAULT'])
      expect(JSON.stringify(authorized.denials)).not.toMatch(/hunter2|10\.0\.0\.7/)
      expect(error).toHaveBeenCalledTimes(1)
      expect(error.mock.calls[0]?.[0]).toMatchObject({ requestId: 'request-1', coordinate: 'Query.a' })
    })

    it('are no fault where another part has refused already', async () => {
      const error = jest.fn()
      const world = shop(
        { Query: { a: and(no, throws), b: or(and(no, throws), no) } },
        { logger: { ...SILENT_LOGGER, error } },
      )
      expect((await world.run('{ a b open }')).denied).toEqual(['a [Query]', 'b [Query]'])
      expect(error).not.toHaveBeenCalled()
    })
  })

  describe('fallback', () => {
    const tree = { Query: { open: allow, thing: allow }, Thing: { x: allow } }
    const closed = shop(tree, { options: { fallback: 'deny' } })

    it('denies what neither a rule nor a directive names', async () => {
      expect(await closed.run('{ open a thing { x y } }')).toMatchObject({
        denied: ['a [Query]', 'thing.y [Thing]'],
        permitted: '{ open thing { x } }',
      })
    })

    it('denies without any rules at all', async () => {
      const { denied, permitted } = await world(SCHEMA, { options: { fallback: 'deny' } }).run('{ open a }')
      expect({ denied, permitted }).toEqual({ denied: ['a [Query]', 'open [Query]'], permitted: null })
    })

    it('leaves fields to their directives, and introspection alone', async () => {
      const source =
        '{ guarded __typename __schema { queryType { name fields { name } } } __type(name: "Query") { name } }'
      expect((await closed.run(source)).denied).toEqual(['guarded [Query]'])
      expect((await closed.run(source, user())).denied).toEqual([])
    })
  })

  describe('rule trees that cannot be enforced', () => {
    it.each([
      ['an unknown type', { Nothing: { a: no } }, 'there is no type Nothing', 'rules to Nothing types'],
      ['an unknown field', { Query: { zzz: no } }, 'there is no field Query.zzz', 'rules to Query.zzz'],
      ['an interface', { Named: { name: no } }, 'Named is not an object type', 'rules to Named types'],
      ['a union', { Any: no }, 'Any is not an object type', 'rules to Any types'],
      [
        'a function instead of a rule',
        { Query: { a: () => false, b: no } },
        'Query.a has no rule',
        'Query has no rule, or an entry that is none',
      ],
      [
        'a forgotten rule',
        { Query: { a: undefined, b: no } },
        'Query.a has no rule',
        'Query has no rule, or an entry that is none',
      ],
      ['a type without rules', { Query: 'no' }, 'Query has no rule', 'Query has no rule'],
    ])('refuses %s', (_what, tree, message, byShield) => {
      expect(() => shop(tree as unknown as IRules)).toThrow(PolicyError)
      expect(() => shop(tree as unknown as IRules)).toThrow(way === 'a tree' ? message : byShield)
    })

    it('refuses two rules of one name, wherever they stand', () => {
      const one = rule('twin')(() => true)
      const other = rule('twin')(() => false)
      const build = () => shop({ Query: { a: and(yes, one) }, Thing: { x: or(no, other) } })
      expect(build).toThrow('multiple definitions of these rules: twin')
    })

    it('compares rules with each other, and not what each field has', () => {
      const equals = jest.spyOn(Object.getPrototypeOf(yes) as { equals: (rule: object) => boolean }, 'equals')
      try {
        shop({ Query: and(yes, no), Thing: { '*': or(no, yes), x: yes }, Other: yes, Man: yes })
        expect(equals.mock.calls.length).toBeLessThan(10)
      } finally {
        equals.mockRestore()
      }
    })

    it('refuses a field whose rule takes too long, says so in the log, and decides the others', async () => {
      const logged: { readonly err?: Error }[] = []
      const logger = { ...SILENT_LOGGER, error: (facts: object) => void logged.push(facts) }
      const hangs = rule('hangs')(() => new Promise<boolean>(() => undefined))
      const { run } = shop(
        { Query: { a: or(hangs, no), b: no, open: yes } },
        { logger, options: { ruleTimeoutMs: 30 } },
      )
      const { denied, permitted } = await run('{ a b open }')
      expect(denied).toEqual(['a [Query] AUTHORIZATION_FAULT', 'b [Query]'])
      expect(permitted).toBe('{ open }')
      expect(logged.map(({ err }) => err?.message)).toEqual(['The rule took longer than 30 ms.'])
    })

    it('refuses a field whose policy takes too long', async () => {
      const logged: string[] = []
      const logger = {
        ...SILENT_LOGGER,
        error: (_facts: object, message: string) => void logged.push(message),
      }
      const { run } = world('type Query { a: String @policy(policies: [["slow"]]) b: String }', {
        policies: { slow: () => new Promise<boolean>(() => undefined) },
        logger,
        options: { ruleTimeoutMs: 30 },
      })
      expect((await run('{ a b }')).denied).toEqual(['a [Query] AUTHORIZATION_FAULT'])
      expect(logged).toEqual(['A policy failed; its fields are refused.'])
    })
  })
})
