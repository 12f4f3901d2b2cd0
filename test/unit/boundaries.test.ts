import { beforeAll, describe, expect, it } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/** Rule → a file that breaks it: what it imports, relative to the root of the seeded tree. */
const VIOLATIONS: Record<string, readonly [file: string, imported: string]> = {
  'no-circular': ['src/pipeline/a.ts', './b.js'],
  'contract-is-a-leaf': ['src/contract/x.ts', '../kernel/x.js'],
  'kernel-sees-contract': ['src/kernel/y.ts', '../limits/index.js'],
  'infra-sees-kernel': ['src/infra/x.ts', '../limits/index.js'],
  'features-do-not-meet': ['src/identity/x.ts', '../limits/index.js'],
  'features-through-their-index': ['src/gateway.ts', './limits/inner.js'],
  'config-sees-options': ['src/config/x.ts', '../limits/index.js'],
  'only-the-root-reads-config': ['src/http/c.ts', '../config/schema.js'],
  'pipeline-sees-kernel': ['src/pipeline/x.ts', '../limits/index.js'],
  'front-ends-see-pipeline': ['src/bff/x.ts', '../limits/index.js'],
  'bff-declares-only': ['bff/mobile/x.ts', '../../src/kernel/x.js'],
  'subgraphs-see-contract': ['subgraphs/user/x.ts', '../../src/kernel/x.js'],
  'subgraphs-do-not-meet': ['subgraphs/user/y.ts', '../order/x.js'],
  'not-to-test': ['src/kernel/t.ts', '../../test/x.js'],
  'planners-only-in-federation': ['src/execution/x.ts', '@apollo/query-planner'],
  'apollo-server-only-in-http': ['src/limits/s.ts', '@apollo/server'],
  'redis-only-in-infra': ['src/cache/x.ts', 'ioredis'],
  'postgres-only-in-infra': ['src/identity/pg.ts', 'pg'],
  'shield-only-in-authorization': ['src/limits/shield.ts', 'graphql-shield'],
  'rate-limit-directive-only-in-limits': ['src/authorization/r.ts', 'graphql-rate-limit-directive'],
  'jose-only-in-identity': ['src/http/j.ts', 'jose'],
}

/** Imports that the design allows; none may be reported. */
const PERMITTED: readonly (readonly [file: string, imported: string])[] = [
  ['src/limits/allowed.ts', '../kernel/x.js'],
  ['src/main.ts', './limits/index.js'],
  ['src/config/allowed.ts', '../limits/options.js'],
  ['src/infra/allowed.ts', 'ioredis'],
  ['bff/web/allowed.ts', '../../src/bff/define-endpoint.js'],
  ['subgraphs/order/allowed.ts', '../../src/contract/free.js'],
]

const TARGETS = [
  'src/kernel/x.ts',
  'src/contract/free.ts',
  'src/limits/index.ts',
  'src/limits/inner.ts',
  'src/limits/options.ts',
  'src/config/schema.ts',
  'src/bff/define-endpoint.ts',
  'subgraphs/order/x.ts',
  'test/x.ts',
]

interface Violation {
  readonly from: string
  readonly rule: { readonly name: string }
}

let violations: readonly Violation[]

beforeAll(() => {
  const tree = mkdtempSync(join(tmpdir(), 'boundaries-'))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    writeFileSync(join(tree, file), text)
  }
  for (const file of TARGETS) write(file, 'export const x = 1\n')
  for (const [file, imported] of [...Object.values(VIOLATIONS), ...PERMITTED]) {
    write(file, `import * as it from '${imported}'\nexport const y = it\n`)
  }
  write('src/pipeline/b.ts', "import * as it from './a.js'\nexport const y = it\n")
  cpSync(join(ROOT, 'tsconfig.json'), join(tree, 'tsconfig.json'))
  cpSync(join(ROOT, '.dependency-cruiser.cjs'), join(tree, '.dependency-cruiser.cjs'))
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
  const command = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const run = spawnSync(
    process.execPath,
    [
      command,
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
      'src',
      'bff',
      'subgraphs',
      'test',
    ],
    { cwd: tree, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  violations = (JSON.parse(run.stdout) as { summary: { violations: Violation[] } }).summary.violations
})

describe('the import boundaries', () => {
  it.each(Object.entries(VIOLATIONS))('%s catches its seeded violation', (rule, [file]) => {
    expect(violations.filter((each) => each.rule.name === rule).map((each) => each.from)).toContain(file)
  })

  it.each(PERMITTED)('%s may import %s', (file) => {
    expect(violations.filter((each) => each.from === file)).toEqual([])
  })
})
