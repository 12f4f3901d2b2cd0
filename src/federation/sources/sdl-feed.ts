/** Stops what was started; safe to call twice. */
export type Stop = () => void

/**
 * One place that supergraph SDL comes from, as simple as it can be: reading, and a hint when to read again.
 *
 * Order, refusal, retry, snapshot and health are the same for all and live in `supergraph-source.ts`.
 */
export interface SdlFeed {
  /** For logs and health: `file`, `compose` … */
  readonly kind: string
  /** True where a failing first read is a mistake on this machine, not an outage elsewhere. */
  readonly isLocal: () => boolean
  /** Gives the SDL of now, or throws. */
  readonly read: () => Promise<string>
  /** Calls back whenever reading again may give something else. */
  readonly watch: (onChange: () => void) => Stop
  /** Frees what reading holds. */
  readonly close?: () => Promise<void>
}
