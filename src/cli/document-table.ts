import type { TrustedDocument } from '../documents/index.js'
import { tableOf } from './table-of.js'

/** A trusted document as `documents list --json` prints it. */
export function describeDocument({ id, name, type, clientName, place }: TrustedDocument): object {
  return { id, name, type, clientName, place }
}

const HEAD = ['ID', 'NAME', 'TYPE', 'CLIENT', 'PLACE']

/** Documents as lines of columns, as wide as what stands in them. */
export function tableOfDocuments(documents: readonly TrustedDocument[]): string {
  if (documents.length === 0) return 'There are no trusted documents.\n'
  const rows = documents.map(({ id, name, type, clientName, place }) => [
    id,
    name ?? '-',
    type,
    clientName ?? '-',
    place,
  ])
  return tableOf([HEAD, ...rows])
}
