/** `npm start`: install and build if needed, then the demo in this same process, so that Ctrl-C reaches it. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { assertNode, ensureBuilt, ensureInstalled } from './ensure-ready.mjs'

assertNode()
process.chdir(join(import.meta.dirname, '..'))
ensureInstalled()
ensureBuilt()
process.argv = [process.argv[0], 'gatehouse', 'demo', ...process.argv.slice(2)]
await import(pathToFileURL(join(process.cwd(), 'dist', 'src', 'main.js')).href)
