const { deny, rule, shield } = require('graphql-shield')

const isUser = rule({ cache: 'contextual' })(async (_parent, _args, ctx) => ctx.user !== null)

exports.permissions = shield(
  { Query: { users: isUser } },
  { fallbackError: 'Sign in.', fallbackRule: deny, debug: true },
)
