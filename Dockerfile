# glibc, not musl: the native query planner ships no musl build (it would fall back to the slower one).
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
# A new volume at this place takes over its owner: the issuer writes there and the gateways read there, all as node.
RUN mkdir -p .data/dev-issuer && chown -R node:node .data
COPY --from=build /app/package.json /app/gateway.yaml ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/schema ./schema
COPY --from=build /app/policy ./policy
COPY --from=build /app/subgraphs ./subgraphs
USER node
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=2s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4000/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# exec form: SIGTERM reaches node, which drains before it exits.
CMD ["node", "--max-semi-space-size=64", "dist/src/main.js", "serve", "--config", "gateway.yaml", "--host", "0.0.0.0"]
