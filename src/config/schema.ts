import { z } from 'zod'
import { adminOptions } from '../admin/options.js'
import { authorizationOptions } from '../authorization/options.js'
import { bffOptions } from '../bff/options.js'
import { cacheOptions } from '../cache/options.js'
import { documentsOptions } from '../documents/options.js'
import { executionOptions } from '../execution/options.js'
import { federationOptions } from '../federation/options.js'
import { httpOptions } from '../http/options.js'
import { identityOptions } from '../identity/options.js'
import { infraOptions } from '../infra/options.js'
import { limitsOptions } from '../limits/options.js'
import { streamingOptions } from '../streaming/options.js'
import { upstreamOptions } from '../upstream/options.js'
import { usageOptions } from '../usage/options.js'

/** The whole of `gateway.yaml`: each section is owned by one feature, this file only puts them together. */
export const gatewayOptions = z.strictObject({
  ...federationOptions.shape,
  server: httpOptions,
  admin: adminOptions,
  identity: identityOptions.prefault({}),
  limits: limitsOptions.prefault({}),
  documents: documentsOptions.prefault({}),
  authorization: authorizationOptions.prefault({}),
  cache: cacheOptions.prefault({}),
  execution: executionOptions.prefault({}),
  upstream: upstreamOptions.prefault({}),
  subscriptions: streamingOptions.prefault({}),
  usage: usageOptions.prefault({}),
  bff: bffOptions,
  ...infraOptions.shape,
})

export type GatewayOptions = z.output<typeof gatewayOptions>
