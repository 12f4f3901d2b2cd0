export { createHttpServer, type HttpPorts, type HttpServer } from './http-server.js'
export type { ApolloPlugin } from './apollo-front.js'
export type { ApolloContext } from './apollo-gateway.js'
