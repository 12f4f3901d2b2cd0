export { createBffEngine, type BffEngine } from './engine.js'
export { loadEndpoints } from './load-endpoints.js'
export {
  defineEndpoint,
  type Endpoint,
  type EndpointOptions,
  type PresentContext,
} from './define-endpoint.js'
