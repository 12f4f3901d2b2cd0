/** Plans one operation in a process of its own, for those that end the process. Reads `{ sdl, source }` from stdin. */
import { text } from 'node:stream/consumers'
import { parse } from 'graphql'
import { createPlanning, readSupergraph } from '../../../dist/src/federation/index.js'
import { federationOptions } from '../../../dist/src/federation/options.js'

const { sdl, source } = JSON.parse(await text(process.stdin))
const log = () => undefined
const logger = { debug: log, info: log, warn: log, error: log }
const planning = await createPlanning(federationOptions.parse({}), {
  supergraph: readSupergraph(sdl),
  logger,
})
const document = parse(source, { noLocation: true })
const [operation] = document.definitions
const record = { hash: source, name: undefined, type: operation.operation, document, operation, source }
await planning.plan(record)
