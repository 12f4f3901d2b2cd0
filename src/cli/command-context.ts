import type { LoadedConfig } from '../config/load.js'
import type { PublishedChange, TrustedDocument } from '../documents/index.js'
import type { AskedExplanation, Explanation } from '../kernel/explanation.js'
import type { ApiKeyRegister } from '../identity/index.js'
import type { Environment } from '../config/environment.js'
import type { UsageReports } from '../usage/index.js'

/** A gateway as the commands know it; made by the composition root and handed in by `main.ts`. */
export interface RunningGateway {
  readonly url: string
  readonly adminUrl: string | undefined
  /** Where counts and cached answers are kept, for the banner. */
  readonly storeDescription: string
  /** Finishes what is in flight, then closes everything. */
  readonly stop: () => Promise<void>
}

/** Addresses that a command line gives instead of the config. */
export interface ListenOverrides {
  readonly host?: string
  readonly port?: number
  readonly adminPort?: number
}

/** Files and folders of trusted documents that a command line names; none of them: what the config names. */
export interface DocumentSources {
  readonly paths: readonly string[]
  readonly clientName: string | undefined
}

/** What a publication made of the manifest at one place. */
export interface Published extends PublishedChange {
  readonly where: string
}

/** What can be done with trusted documents; everything raises CommandFailure with all findings. */
export interface DocumentDesk {
  readonly list: (sources: DocumentSources) => Promise<readonly TrustedDocument[]>
  /** Returns what was checked. */
  readonly check: (sources: DocumentSources) => Promise<readonly TrustedDocument[]>
  readonly publish: (
    sources: DocumentSources,
    rules: { readonly prune: boolean },
  ) => Promise<readonly Published[]>
}

/** What the commands need from the process around them. */
export interface CommandContext {
  readonly environment: Environment
  readonly version: string
  /** The folder of this package: where the reference shop lies. */
  readonly packageDirectory: string
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
  readonly startGateway: (config: LoadedConfig, overrides: ListenOverrides) => Promise<RunningGateway>
  /** Builds a generation without serving it and returns every finding; empty when all is well. */
  readonly checkGateway: (config: LoadedConfig) => Promise<readonly string[]>
  /** Says why a caller gets what he gets of an operation, without running it. */
  readonly explain: (config: LoadedConfig, asked: AskedExplanation) => Promise<Explanation>
  /** Opens the store of API keys alone; undefined where the config names none. */
  readonly openApiKeys: (config: LoadedConfig) => Promise<ApiKeyRegister | undefined>
  /** Opens the trusted documents of a config. */
  readonly openDocuments: (config: LoadedConfig) => Promise<DocumentDesk>
  /** Opens what is kept of usage; undefined where the config keeps none outside the process. */
  readonly openUsage: (config: LoadedConfig) => Promise<UsageReports | undefined>
  /** Settles when the process is asked to stop. */
  readonly stopRequested: Promise<void>
}

/** A failure that is the user's to mend: printed as one line, exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}
