// A rule module as an operator writes it, from the documentation of graphql-shield.
import { and, or, rule } from 'graphql-shield'

const isAuthenticated = rule({ cache: 'contextual' })(async (_parent, _args, ctx) => ctx.user !== null)
const isAdmin = rule({ cache: 'contextual' })(async (_parent, _args, ctx) => ctx.user.roles.includes('admin'))
const isEditor = rule({ cache: 'contextual' })(async (_parent, _args, ctx) =>
  ctx.user.roles.includes('editor'),
)

export default { Query: { users: and(isAuthenticated, or(isAdmin, isEditor)) } }
export const policies = { night: (principal) => principal.kind !== 'anonymous' }
