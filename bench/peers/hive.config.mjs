/** Hive Gateway through its own command line. HIVE_PLANNER: js or rust; HIVE_SHARE=1: equal requests share work. */
import { defineConfig } from '@graphql-hive/gateway'
import { unifiedGraphHandler } from '@graphql-hive/router-runtime'

const mayShare = process.env.HIVE_SHARE === '1'

export const gatewayConfig = defineConfig({
  supergraph: process.env.SUPERGRAPH,
  host: '127.0.0.1',
  port: Number(process.env.PORT),
  logging: 'error',
  disableWebsockets: true,
  ...(process.env.HIVE_PLANNER === 'rust' ? { unifiedGraphHandler } : {}),
  ...(mayShare ? { inboundInflightRequestDeduplication: true } : {}),
  transportEntries: { '*.http': { options: { deduplicateInflightRequests: mayShare } } },
})
