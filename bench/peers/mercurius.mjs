/** Mercurius with its gateway and JIT; it reads the schemas of the subgraphs as Federation 1. */
import mercuriusGateway from '@mercuriusjs/gateway'
import Fastify from 'fastify'
import { federation1, SUBGRAPHS } from '../graph/schemas.mjs'

const urls = JSON.parse(process.env.SUBGRAPH_URLS)
const services = Object.keys(SUBGRAPHS).map((name) => ({
  name,
  url: urls[name],
  schema: federation1(name),
  mandatory: true,
}))
const app = Fastify()
await app.register(mercuriusGateway, { gateway: { services }, jit: 1 })
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
