/** The rungs off, log, safelist and requireId, as each kind of caller meets them. */
import { describe, expect, it } from '@jest/globals'
import { createDocuments, TrustedSet, type Documents } from '../../../../src/documents/index.js'
import { documentsOptions } from '../../../../src/documents/options.js'
import { toTrusted } from '../../../../src/documents/trusted/to-trusted.js'
import type { Resolved } from '../../../../src/kernel/contexts.js'
import type { OperationRequest } from '../../../../src/kernel/operation.js'
import { NO_METRICS } from '../../../../src/kernel/ports/metrics.js'
import type { Principal } from '../../../../src/kernel/principal.js'
import { sha256 } from '../../../support/sha256.js'
import { createKeepingLogger } from '../../../support/small-server.js'
import { apiSchema, refusalOf, repeat, toAdmitted } from '../fixture.js'

const HOME = 'query Home { me { id name } }'
const ME = 'query Me { me { id } }'
const UNLISTED = '{ me { name } }'
const INTROSPECTION = '{ __schema { queryType { name } } ...More } fragment More on Query { __typename }'

const listed = (id: string, source: string, clientName?: string) =>
  toTrusted({ id, source, clientName, place: `m.json:${id}` })

interface World {
  readonly documents: Documents
  readonly lines: readonly { readonly facts: Record<string, unknown> }[]
  readonly counted: string[]
  now: number
  set: TrustedSet
}

function createWorld(trusted: object = {}, more: object = {}, production = false): World {
  const { logger, lines } = createKeepingLogger()
  const world: World = {
    documents: createDocuments(documentsOptions.parse({ trusted, ...more }), {
      apiSchema,
      logger,
      production,
      clock: { now: () => world.now },
      metrics: { ...NO_METRICS, countDocument: (trust, kind) => void world.counted.push(`${trust} ${kind}`) },
      trusted: { current: () => world.set },
    }),
    lines,
    counted: [],
    now: 1_000,
    set: new TrustedSet([
      listed('home', HOME),
      listed('web-home', HOME, 'web'),
      listed(sha256(HOME), HOME),
      listed('me', ME),
    ]),
  }
  return world
}

type Asked = Partial<OperationRequest>
type Caller = Partial<Principal>

const byHash = (sha256Hash: string, query?: string): Asked => ({
  ...(query === undefined ? {} : { query }),
  extensions: { persistedQuery: { version: 1, sha256Hash } },
})

function ask({ documents }: World, request: Asked, caller: Caller = {}, clientName?: string): Resolved {
  const admitted = toAdmitted(request)
  const { client, principal } = admitted
  const context = {
    ...admitted,
    client: { ...client, name: clientName },
    principal: { ...principal, ...caller },
  }
  const result = documents.stage.run(context)
  if (result instanceof Promise) throw new Error('the stage answered with a promise')
  return result
}

/** The trust of what was let in, or the code of the refusal. */
function verdictOf(world: World, request: Asked, caller: Caller = {}, clientName?: string): string {
  let resolved: Resolved | undefined
  try {
    resolved = ask(world, request, caller, clientName)
  } catch {
    return refusalOf(() => ask(world, request, caller, clientName)).code
  }
  return resolved.trust ?? 'untrusted'
}

describe('each rung', () => {
  const requests: Readonly<Record<string, Asked>> = {
    'a listed id': { documentId: 'home' },
    'a listed hash': byHash(sha256(HOME)),
    'a listed id and its text': { documentId: 'home', query: HOME },
    'a listed id and its text in other words': byHash('home', `  ${HOME} # yes`),
    'a listed id and another text': byHash('home', UNLISTED),
    'a listed id and its hash': { documentId: 'home', ...byHash(sha256(HOME)) },
    'a listed id and another id of it as the hash': {
      documentId: `sha256:${sha256(HOME)}`,
      ...byHash('home'),
    },
    'a listed id and the hash of its text, unlisted': { documentId: 'me', ...byHash(sha256(ME)) },
    'a listed id and the hash of its text in other words': {
      documentId: 'home',
      ...byHash(sha256(`${HOME} # yes`), `${HOME} # yes`),
    },
    'a listed id and the hash of another listed one': { documentId: 'home', ...byHash('me') },
    'a listed id, its text and the hash of another': { documentId: 'home', ...byHash(sha256(ME), HOME) },
    'a listed id and an unknown hash': { documentId: 'home', ...byHash('a'.repeat(64)) },
    'an unknown id and a listed hash': { documentId: 'nothing', ...byHash(sha256(HOME)) },
    'a listed text': { query: HOME },
    'a listed text in other white space': { query: 'query  Home{me{id,name}}#x' },
    'its fields in another order': { query: 'query Home { me { name id } }' },
    'another text': { query: UNLISTED },
    'another text, to be learned': byHash(sha256(UNLISTED), UNLISTED),
    'another text under a wrong hash': byHash(sha256(HOME).replace(/^./, 'g'), UNLISTED),
    'an unknown id': { documentId: 'nothing' },
    'an unknown id and a listed text': { documentId: 'nothing', query: HOME },
    'an unknown hash': byHash('a'.repeat(64)),
    'a text that does not parse': { query: '{' },
    'a text that does not fit': { query: '{ secret }' },
    'nothing at all': { query: '' },
  }
  const expected: readonly [string, string, string, string, string][] = [
    ['a listed id', 'trusted', 'trusted', 'trusted', 'trusted'],
    ['a listed hash', 'trusted', 'trusted', 'trusted', 'trusted'],
    ['a listed id and its text', 'trusted', 'trusted', 'trusted', 'trusted'],
    ['a listed id and its text in other words', 'trusted', 'trusted', 'trusted', 'trusted'],
    ['a listed id and another text', ...same('PERSISTED_QUERY_HASH_MISMATCH')],
    ['a listed id and its hash', ...same('trusted')],
    ['a listed id and another id of it as the hash', ...same('trusted')],
    ['a listed id and the hash of its text, unlisted', ...same('trusted')],
    ['a listed id and the hash of its text in other words', ...same('trusted')],
    ['a listed id and the hash of another listed one', ...same('PERSISTED_QUERY_HASH_MISMATCH')],
    ['a listed id, its text and the hash of another', ...same('PERSISTED_QUERY_HASH_MISMATCH')],
    ['a listed id and an unknown hash', ...same('PERSISTED_QUERY_HASH_MISMATCH')],
    ['an unknown id and a listed hash', ...same('PERSISTED_QUERY_NOT_IN_LIST')],
    ['a listed text', 'untrusted', 'trusted', 'trusted', 'PERSISTED_QUERY_ID_REQUIRED'],
    ['a listed text in other white space', 'untrusted', 'trusted', 'trusted', 'PERSISTED_QUERY_ID_REQUIRED'],
    ['its fields in another order', ...unlisted('untrusted')],
    ['another text', ...unlisted('untrusted')],
    ['another text, to be learned', ...unlisted('untrusted')],
    [
      'another text under a wrong hash',
      'PERSISTED_QUERY_HASH_MISMATCH',
      'PERSISTED_QUERY_HASH_MISMATCH',
      'PERSISTED_QUERY_HASH_MISMATCH',
      'PERSISTED_QUERY_ID_REQUIRED',
    ],
    ['an unknown id', ...same('PERSISTED_QUERY_NOT_IN_LIST')],
    ['an unknown id and a listed text', ...same('PERSISTED_QUERY_NOT_IN_LIST')],
    [
      'an unknown hash',
      'PERSISTED_QUERY_NOT_FOUND',
      'PERSISTED_QUERY_NOT_FOUND',
      'PERSISTED_QUERY_NOT_IN_LIST',
      'PERSISTED_QUERY_NOT_IN_LIST',
    ],
    ['a text that does not parse', ...unlisted('GRAPHQL_PARSE_FAILED')],
    // Who may not send it does not learn what it says of the graph either.
    ['a text that does not fit', ...unlisted('GRAPHQL_VALIDATION_FAILED')],
    ['nothing at all', ...same('BAD_REQUEST')],
  ]
  function same(verdict: string): [string, string, string, string] {
    return [verdict, verdict, verdict, verdict]
  }
  function unlisted(verdict: string): [string, string, string, string] {
    return [verdict, verdict, 'QUERY_NOT_IN_SAFELIST', 'PERSISTED_QUERY_ID_REQUIRED']
  }

  it.each(expected)('%s: off %s, log %s, safelist %s, requireId %s', (name, ...verdicts) => {
    const modes = ['off', 'log', 'safelist', 'requireId']
    const request = requests[name] ?? {}

    expect(modes.map((mode) => verdictOf(createWorld({ mode }), request))).toEqual(verdicts)
    // What the memos hold by then makes no difference.
    const warm = modes.map((mode) => {
      const world = createWorld({ mode, exempt: { roles: ['developer'] } })
      for (const each of Object.values(requests)) verdictOf(world, each, { roles: ['developer'] })
      const isLearned = name === 'an unknown hash' || name.includes('learned')
      return isLearned ? verdicts[modes.indexOf(mode)] : verdictOf(world, request)
    })
    expect(warm).toEqual(verdicts)
  })
})

describe('who stands on which rung', () => {
  const callers: Readonly<Record<string, Caller>> = {
    anonymous: { kind: 'anonymous' },
    user: { kind: 'user' },
    machine: { kind: 'machine' },
    developer: { kind: 'user', scopes: new Set(['documents:any']) },
    admin: { kind: 'user', roles: ['admin'] },
  }

  it('is said for each kind of principal, and scopes or roles exempt from it', () => {
    const world = createWorld({
      mode: 'safelist',
      modeByPrincipal: { anonymous: 'requireId', machine: 'off' },
      exempt: { scopes: ['documents:any'], roles: ['admin'] },
    })
    const verdicts = (request: Asked) =>
      Object.values(callers).map((caller) => verdictOf(world, request, caller))

    expect(verdicts({ query: UNLISTED })).toEqual([
      'PERSISTED_QUERY_ID_REQUIRED',
      'QUERY_NOT_IN_SAFELIST',
      'untrusted',
      'untrusted',
      'untrusted',
    ])
    expect(verdicts({ query: HOME })).toEqual([
      'PERSISTED_QUERY_ID_REQUIRED',
      'trusted',
      'untrusted',
      'untrusted',
      'untrusted',
    ])
    expect(verdicts({ documentId: 'home' })).toEqual(Array(5).fill('trusted'))
  })

  it('what one caller registered is nothing that another one could ask for', () => {
    const world = createWorld({ modeByPrincipal: { anonymous: 'requireId', user: 'safelist' } })
    const machine: Caller = { kind: 'machine' }

    expect(verdictOf(world, byHash(sha256(UNLISTED), UNLISTED), machine)).toBe('untrusted')
    expect(verdictOf(world, byHash(sha256(UNLISTED)), machine)).toBe('untrusted')
    for (const kind of ['anonymous', 'user'] as const) {
      expect(verdictOf(world, byHash(sha256(UNLISTED)), { kind })).toBe('PERSISTED_QUERY_NOT_IN_LIST')
    }
  })

  it('stored operations are not touched by it', () => {
    const { documents } = createWorld({ mode: 'requireId' })
    const stored = documents.resolveStored(UNLISTED)

    expect(documents.stage.run(toAdmitted({}, { stored }))).toMatchObject({
      operation: stored,
      trust: 'stored',
    })
  })
})

describe('introspection', () => {
  const mixed = '{ __schema { queryType { name } } me { id } }'

  it.each(['safelist', 'requireId'])(
    'in %s goes on for who may see the graph, and nothing beside it',
    (mode) => {
      const world = createWorld({ mode })
      const refusal = mode === 'safelist' ? 'QUERY_NOT_IN_SAFELIST' : 'PERSISTED_QUERY_ID_REQUIRED'

      expect(verdictOf(world, { query: INTROSPECTION })).toBe('untrusted')
      expect(
        [mixed, '{ __typename }', `query A { me { id } } query B ${INTROSPECTION}`].map((query) =>
          verdictOf(world, { query, operationName: 'B' }),
        ),
      ).toEqual([refusal, refusal, refusal])
    },
  )

  it('in production is for those with the scope', () => {
    const world = createWorld({ mode: 'requireId' }, {}, true)

    expect(verdictOf(world, { query: INTROSPECTION })).toBe('PERSISTED_QUERY_ID_REQUIRED')
    expect(verdictOf(world, { query: INTROSPECTION }, { scopes: new Set(['introspection']) })).toBe(
      'untrusted',
    )
  })
})

describe('clients by name', () => {
  it('find their own ids, and nobody else does', () => {
    const world = createWorld({ mode: 'requireId' })

    expect(verdictOf(world, { documentId: 'web-home' }, {}, 'web')).toBe('trusted')
    expect(verdictOf(world, { documentId: 'web-home' }, {}, 'ios')).toBe('PERSISTED_QUERY_NOT_IN_LIST')
    expect(verdictOf(world, { documentId: 'home' }, {}, 'web')).toBe('trusted')
  })
})

describe('what is counted and logged', () => {
  it('each unlisted document once an hour, by name and hash and never by text', () => {
    const world = createWorld({ mode: 'log' })
    const secret = 'query Peek { user(id: "4711") { name } }'
    for (let count = 0; count < 5; count += 1) ask(world, { query: secret }, {}, 'web')
    ask(world, { query: HOME })
    ask(world, { query: INTROSPECTION })

    expect(world.lines.map(({ facts }) => facts)).toEqual([
      {
        documentHash: expect.stringMatching(/^.{44}$/),
        operationName: 'Peek',
        clientName: 'web',
        principalKind: 'anonymous',
      },
    ])
    expect(JSON.stringify(world.lines)).not.toContain('4711')
    expect(world.counted.filter((each) => each === 'unlisted anonymous')).toHaveLength(6)
    expect(world.counted.filter((each) => each === 'trusted anonymous')).toHaveLength(1)
    world.now += 3_600_001
    ask(world, { query: secret })
    expect(world.lines).toHaveLength(2)
  })

  it('few lines a minute, whatever clients send', () => {
    const world = createWorld({ mode: 'log' })
    for (let count = 0; count < 500; count += 1) ask(world, { query: `query Q${String(count)} { version }` })
    expect(world.lines).toHaveLength(30)

    world.now += 60_001
    ask(world, { query: 'query Later { version }' })

    expect(world.lines).toHaveLength(31)
    expect(world.lines[30]?.facts).toMatchObject({ operationName: 'Later', untold: 470 })
  })
})

describe('limits of shape', () => {
  const wide = `query Wide { ${repeat(25, (index) => `a${String(index)}: version`)} }`
  const deep = `query Deep { me ${'{ friend '.repeat(60)}{ id }${' }'.repeat(60)} }`
  const set = new TrustedSet([listed('wide', wide), listed('deep', deep)])

  it('hold for trusted documents too', () => {
    const world = createWorld({ mode: 'safelist' })
    world.set = set

    expect(verdictOf(world, { documentId: 'wide' })).toBe('MAX_ROOT_FIELDS_LIMIT')
  })

  it('are left out for them on demand, by id and by text, in whichever order and for nobody else', () => {
    const world = createWorld({ exemptFromShapeLimits: true })
    expect(verdictOf(world, { query: wide })).toBe('MAX_ROOT_FIELDS_LIMIT')
    world.set = set
    expect(verdictOf(world, { query: wide })).toBe('untrusted')
    expect(verdictOf(world, { documentId: 'wide' })).toBe('trusted')
    expect(verdictOf(world, { query: wide.replace('Wide', 'Other') })).toBe('MAX_ROOT_FIELDS_LIMIT')
    // What guards the process stays.
    expect(verdictOf(world, { documentId: 'deep' })).toBe('MAX_DEPTH_LIMIT')
    world.set = new TrustedSet([])
    expect(verdictOf(world, { query: wide })).toBe('MAX_ROOT_FIELDS_LIMIT')
  })
})

describe('documents that do not fit', () => {
  it('are named with their place, and refused when they are asked for', async () => {
    const world = createWorld({ mode: 'requireId' })
    world.set = new TrustedSet([listed('old', 'query Old {\n  me { age }\n}'), listed('home', HOME)])

    expect(await world.documents.findUnfit()).toEqual([
      'm.json:old: Old (old): Cannot query field "age" on type "User". (line 2 of its text)',
    ])
    expect(verdictOf(world, { documentId: 'old' })).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(verdictOf(world, { documentId: 'home' })).toBe('trusted')
  })
})

describe('documents that are planned ahead', () => {
  it('are the first that are listed, each text once, and what a request for them runs', () => {
    const world = createWorld({ mode: 'requireId', warm: 2 })
    const [full, other] = ['query Full { me { id } }', 'query Other { me { name } }']
    world.set = new TrustedSet([
      ...[listed('home', HOME), listed('web-home', HOME, 'web')],
      ...[listed('full', full), listed('other', other)],
    ])

    expect(world.documents.textsAhead()).toEqual([HOME, full])
    expect(world.documents.resolveAhead(HOME)).toBe(ask(world, { documentId: 'home' }).operation)
    expect(createWorld({ warm: 0 }).documents.textsAhead()).toEqual([])
  })

  it('are left out where they do not fit, or have several operations', () => {
    const { resolveAhead } = createWorld().documents
    expect(refusalOf(() => resolveAhead('{ nothing }')).code).toBe('GRAPHQL_VALIDATION_FAILED')
    const both = 'query A { me { id } } query B { me { id } }'
    expect(refusalOf(() => resolveAhead(both)).code).toBe('OPERATION_RESOLUTION_FAILURE')
  })
})
