export { Places } from './places.js'
export { streamingOptions, type StreamingOptions } from './options.js'
