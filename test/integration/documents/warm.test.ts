/** What a gateway has done with trusted documents when it begins to serve. */
import { expect, it } from '@jest/globals'
import { serveGraph } from '../../support/serve.js'
import { apolloManifest } from '../../unit/documents/trusted/folder.js'

it('plans trusted documents before the gateway serves', async () => {
  const manifest = apolloManifest([
    { id: 'one', body: 'query One { item }' },
    { id: 'gone', body: 'query Gone { gone }' },
    { id: 'two', body: 'query Two { again: item }' },
    { id: 'late', body: 'query Late { late: item }' },
  ])
  const trusted = { mode: 'safelist', manifests: ['trusted.json'], warm: 3 }
  const served = await serveGraph(
    [{ name: 'shop', url: 'http://127.0.0.1:9/graphql', typeDefs: 'type Query { item: String }' }],
    {
      files: { 'gateway.yaml': JSON.stringify({ documents: { trusted } }), 'trusted.json': manifest },
      arguments: ['--config', 'gateway.yaml'],
      environment: { LOG_LEVEL: 'info' },
    },
  )
  try {
    const line = await served.process.printed(/[^\n]*planned trusted documents ahead[^\n]*/)
    expect(String(line)).toMatch(/"planned":2,"unfit":1,"unplannable":0,"outOfTime":0/)
    await served.process.printed(/planned trusted documents[\s\S]*a generation serves/)
  } finally {
    await served.close()
  }
})
