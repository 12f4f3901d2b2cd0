/**
 * The manifest that `documents publish` keeps for all gateways, in a store that they share.
 *
 * Everything rejects while the store is away; whoever reads keeps what he has.
 */
export interface PublishedDocuments {
  /** Changes with each publication; undefined where nothing has been published. Answers or rejects soon. */
  readonly revision: () => Promise<string | undefined>
  readonly read: () => Promise<Publication | undefined>
  /** Puts a manifest in the place of the one of `since`; false when somebody else was faster. */
  readonly replace: (manifest: string, since: string | undefined) => Promise<boolean>
}

export interface Publication {
  readonly revision: string
  readonly manifest: string
}
