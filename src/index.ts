/** The public API, for programs that embed the gateway and for modules that declare endpoints. */
export { createGateway, type Gateway, type GatewayParts } from './gateway.js'
export { defineEndpoint, type Endpoint, type EndpointOptions, type PresentContext } from './bff/index.js'
export { defineConfig } from './config/define-config.js'
export type { LoadedConfig } from './config/load.js'
export type { GatewayOptions } from './config/schema.js'
export { GatewayError } from './kernel/gateway-error.js'
export type { ErrorCode } from './kernel/error-catalogue.js'
export type { Principal } from './kernel/principal.js'
