/**
 * Writes the empty embedded database that first starts begin with; run by the build.
 *
 * `initdb` takes seconds and most of a gigabyte of memory in WebAssembly; unpacking its result takes neither.
 */
import { writeFile } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'
import { EMPTY_DATABASE_FILE } from './embedded-database.js'

const database = await PGlite.create()
const dump = await database.dumpDataDir('gzip')
await writeFile(EMPTY_DATABASE_FILE, Buffer.from(await dump.arrayBuffer()))
await database.close()
