import { EVENT_STREAM, MULTIPART, type StreamForm } from './stream-form.js'

/** Few clients send few different headers; more than this many are read anew each time. */
const REMEMBERED_HEADERS = 200
const remembered = new Map<string, StreamForm | undefined>()

/**
 * The form in which a client takes several answers, or undefined where it takes none.
 *
 * Only for what is named: `*` stands for one answer. `multipart/mixed` names a protocol only with its
 * `subscriptionSpec`; other clients mean incremental delivery by it. The higher quality wins, then what is named first.
 */
export function negotiateStream(accept: string | undefined): StreamForm | undefined {
  if (accept === undefined || !/event-stream|multipart/i.test(accept)) return undefined
  if (remembered.has(accept)) return remembered.get(accept)
  const chosen = choose(accept)
  if (remembered.size < REMEMBERED_HEADERS) remembered.set(accept, chosen)
  return chosen
}

function choose(accept: string): StreamForm | undefined {
  let best: { readonly form: StreamForm; readonly quality: number } | undefined
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    const form = formOf(type, parameters)
    const quality = qualityOf(parameters)
    if (form !== undefined && quality > (best?.quality ?? 0)) best = { form, quality }
  }
  return best?.form
}

function formOf(type: string, parameters: readonly string[]): StreamForm | undefined {
  if (type === 'text/event-stream') return EVENT_STREAM
  const isOurs = parameters.some((one) => /^subscriptionspec\s*=\s*"?1\.0"?$/.test(one))
  return type === 'multipart/mixed' && isOurs ? MULTIPART : undefined
}

function qualityOf(parameters: readonly string[]): number {
  const written = parameters
    .map((one) => /^q\s*=\s*([\d.]+)$/.exec(one)?.[1])
    .find((one) => one !== undefined)
  return written === undefined ? 1 : Number(written) || 0
}
