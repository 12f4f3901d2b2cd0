/**
 * The signing secret of the demo and of a gateway.yaml that nobody changed.
 *
 * Known to everybody, so only good enough where nobody else can connect: whoever knows it can tell a subgraph that
 * he is anyone. Both sides refuse it in production.
 */
export const DEVELOPMENT_SIGNING_SECRET = 'gatehouse-development-signing-secret'
