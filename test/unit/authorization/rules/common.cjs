const { deny } = require('graphql-shield')

exports.permissions = { Query: { users: deny } }
