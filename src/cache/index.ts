export { createResponseCache, type ResponseCachePorts } from './create-response-cache.js'
