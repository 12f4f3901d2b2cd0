import { timingSafeEqual } from 'node:crypto'
import type { Arrival } from '../../kernel/contexts.js'
import type { Clock } from '../../kernel/ports/clock.js'
import type { CredentialFailures } from '../../kernel/ports/credential-failures.js'
import type { Logger } from '../../kernel/ports/logger.js'
import type { Principal } from '../../kernel/principal.js'
import { invalidApiKey } from '../refusals.js'
import type { KeyHashing } from './key-hashing.js'
import type { KeyMemory } from './key-memory.js'
import { readKeyText, type KeyText } from './key-text.js'
import type { ReadyKey, ReadySecret } from './ready-key.js'

/** Makes the principal of an API key, or refuses it; without waiting where the key is remembered. */
export type IdentifyKey = (text: string, arrival: Arrival) => Principal | Promise<Principal>

export interface IdentifyKeyParts {
  readonly hashing: KeyHashing
  readonly memory: KeyMemory
  readonly clock: Clock
  readonly logger: Logger
  /** Absent: nothing slows those who guess. */
  readonly failures?: CredentialFailures | undefined
}

/** What a secret is compared with where there is no key, so that both cost the same. */
const NOBODYS = Buffer.alloc(32)

/**
 * The way of an API key: form, memory, seal, store, secret, time.
 *
 * The client is told the same whatever is wrong; the reason and the id, never the secret, are for the log. The
 * seal is looked at only where the store would be asked, which it spares invented keys. An address that has sent too
 * many invalid ones is let in with keys that are remembered, and refused without a look at any other.
 */
export function createIdentifyKey({
  hashing,
  memory,
  clock,
  logger,
  failures,
}: IdentifyKeyParts): IdentifyKey {
  return (written, arrival) => {
    const { requestId } = arrival
    const text = readKeyText(written)
    if (text === undefined) throw refuse(requestId, undefined, 'not the form of an API key')
    const recalled = memory.recall(text.id)
    if (recalled !== undefined) return judge(text, recalled === 'absent' ? undefined : recalled, requestId)
    if (!memory.isKnown(text.id)) failures?.assertOpen(arrival)
    if (!hashing.isSealed(text)) throw refuse(requestId, text.id, 'not made with the pepper of this gateway')
    return memory.ask(text.id).then((ready) => judge(text, ready, requestId))
  }

  function judge(text: KeyText, ready: ReadyKey | undefined, requestId: string): Principal {
    const held = findSecret(ready, hashing.digest(text))
    if (held === undefined)
      throw refuse(requestId, text.id, ready === undefined ? 'unknown or revoked' : 'not its secret')
    if (clock.now() >= held.voidAtMs) throw refuse(requestId, text.id, 'expired')
    return held.principal
  }

  function refuse(requestId: string, keyId: string | undefined, reason: string) {
    logger.debug({ requestId, keyId, reason }, 'API key refused')
    return invalidApiKey(reason)
  }
}

/** Compares with all of them, whichever fits, in constant time. */
function findSecret(ready: ReadyKey | undefined, digest: Buffer): ReadySecret | undefined {
  if (ready === undefined || ready.secrets.length === 0) {
    timingSafeEqual(NOBODYS, digest)
    return undefined
  }
  return ready.secrets.filter((secret) => timingSafeEqual(secret.digest, digest))[0]
}
