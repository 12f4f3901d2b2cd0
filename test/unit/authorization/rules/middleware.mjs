import { rule, shield } from 'graphql-shield'

const isUser = rule({ cache: 'contextual' })(async (_parent, _args, ctx) => ctx.user !== null)

export const permissions = shield({ Query: { users: isUser } }, { allowExternalErrors: true })
