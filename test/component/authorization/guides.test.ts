/** The guides for operators: what they show works as they say. */
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { parse as parseYaml } from 'yaml'
import { generateKeyPair, SignJWT, exportSPKI } from 'jose'
import { validateConfig } from '../../../src/config/load.js'
import { askGraphql } from '../../support/graphql-client.js'
import {
  answer,
  createRecordingSubgraph,
  startGateway,
  stopAfterEach,
} from '../../support/embedded-gateway.js'
import { ROOT } from '../../support/shop.js'

stopAfterEach()

const guide = (name: string): string => readFileSync(join(ROOT, 'docs/guides', name), 'utf8')

function blocksOf(name: string, language: string): readonly string[] {
  return [...guide(name).matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  )
}

describe('the guide to shield rules', () => {
  it('has rules that act as it says', async () => {
    const [typeDefs = ''] = blocksOf('shield-rules.md', 'graphql')
    const [rules = '', options = '', returned = ''] = blocksOf('shield-rules.md', 'js')
    const shield = pathToFileURL(createRequire(import.meta.url).resolve('graphql-shield')).href
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const people = [
      { __typename: 'User', id: 'u-1', name: 'Ada', email: 'ada@acme', salary: 1 },
      { __typename: 'User', id: 'u-2', name: 'Bo', email: 'bo@acme', salary: 2 },
    ]
    const staff = await createRecordingSubgraph({})
    staff.behave = (response, { body }) => {
      const { query } = JSON.parse(body) as { query: string }
      // As a subgraph would, under the keys that it is asked for.
      const rows = people.map((row) =>
        Object.fromEntries(
          [...query.matchAll(/(?:(\w+): ?)?\b(id|name|email|salary)\b/g)].map(([, alias, field = '']) => [
            alias ?? field,
            row[field as keyof typeof row],
          ]),
        ),
      )
      answer(response, { ...(query.includes('users') ? { users: rows } : {}), rename: rows[0] })
    }
    const issuers = [{ issuer: 'https://issuer.example', publicKey: await exportSPKI(publicKey) }]
    const start = (...parts: readonly string[]) =>
      startGateway(
        { staff: { url: staff.url, typeDefs } },
        {
          config: { authorization: { rules: 'rules.mjs' }, identity: { issuers } },
          files: { 'rules.mjs': parts.join('\n').replaceAll("'graphql-shield'", `'${shield}'`) },
        },
      )
    const gateway = await start(rules, options)
    const tokenOf = async (roles: readonly string[]) =>
      new SignJWT({ roles })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer('https://issuer.example')
        .setSubject('u-2')
        .setIssuedAt()
        .setExpirationTime('5m')
        .sign(privateKey)

    const everything = '{ users { name email salary } }'
    expect(await askGraphql(gateway.url, everything)).toMatchObject({
      data: { users: null },
      errors: [{ message: 'Ask your administrator.' }],
    })
    expect(await askGraphql(gateway.url, '{ me { name } }')).toMatchObject({ data: { me: null } })
    expect(staff.seen).toHaveLength(0)

    expect(await askGraphql(gateway.url, everything, { token: await tokenOf(['hr']) })).toMatchObject({
      data: {
        users: [
          { name: 'Ada', email: null, salary: 1 },
          { name: 'Bo', email: 'bo@acme', salary: 2 },
        ],
      },
    })
    expect(await askGraphql(gateway.url, everything, { token: await tokenOf([]) })).toMatchObject({
      data: {
        users: [
          { email: null, salary: null },
          { email: 'bo@acme', salary: null },
        ],
      },
    })
    expect(staff.seen.at(-1)?.body).not.toContain('salary')

    const asked = staff.seen.length
    const rename = 'mutation { rename(id: "u-2", name: " ") { name } }'
    expect(await askGraphql(gateway.url, rename, { token: await tokenOf([]) })).toMatchObject({
      data: { rename: null },
      errors: [{ message: 'A name may not be empty.' }],
    })
    expect(staff.seen).toHaveLength(asked)

    const other = await start(rules.replace('export const permissions', 'const tree'), returned)
    expect(await askGraphql(other.url, everything)).toMatchObject({
      data: { users: null },
      errors: [{ message: 'Ask your administrator.' }],
    })
    expect(staff.seen).toHaveLength(asked)
  })
})

describe('the guide to issuers', () => {
  it('shows a config that is valid', () => {
    const [config = ''] = blocksOf('issuers.md', 'yaml')
    const { identity } = validateConfig(parseYaml(config) as Record<string, unknown>, {})
    expect(identity.issuers.map(({ issuer }) => issuer)).toEqual([
      'https://login.example.com/',
      'https://partner.example.org',
    ])
    expect(identity.anonymous.allowed).toBe(false)
  })
})
