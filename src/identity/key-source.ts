import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request, type Dispatcher } from 'undici'
import type { IdentityOptions, IssuerOptions } from './options.js'

/** Where an issuer's key set comes from. */
export interface KeySource {
  readonly load: () => Promise<Uint8Array>
  /** Whether it can change while the gateway runs, and so is read again. */
  readonly changes: boolean
  /** Whether its one key serves tokens whatever their `kid` says. */
  readonly anyKeyId: boolean
}

/** Chooses the source that the issuer's options name. */
export function createKeySource(
  issuer: IssuerOptions,
  limits: IdentityOptions['keys'],
  dispatcher: Dispatcher,
): KeySource {
  const { jwksUrl, jwksFile, jwks, publicKey } = issuer
  if (jwksUrl !== undefined) {
    return { load: () => fetchKeySet(jwksUrl, limits, dispatcher), changes: true, anyKeyId: false }
  }
  if (jwksFile !== undefined) return { load: () => readFile(jwksFile), changes: true, anyKeyId: false }
  const bytes = Buffer.from(JSON.stringify(jwks ?? keySetOf(publicKey ?? '')))
  return { load: () => Promise.resolve(bytes), changes: false, anyKeyId: publicKey !== undefined }
}

/** Gets a key set within time and size; redirects are not followed, for they lead to keys nobody configured. */
async function fetchKeySet(
  url: string,
  limits: IdentityOptions['keys'],
  dispatcher: Dispatcher,
): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(limits.timeoutMs)
  const { statusCode, body } = await request(url, {
    dispatcher,
    signal,
    headers: { accept: 'application/json' },
  })
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (statusCode !== 200) throw new Error(`status ${statusCode}`)
    bytes += chunk.length
    if (bytes > limits.maxBytes) throw new Error('key set over the size limit')
    chunks.push(chunk)
  }
  if (statusCode !== 200) throw new Error(`status ${statusCode}`)
  return Buffer.concat(chunks)
}

function keySetOf(pem: string): object {
  return { keys: [createPublicKey(pem).export({ format: 'jwk' })] }
}
