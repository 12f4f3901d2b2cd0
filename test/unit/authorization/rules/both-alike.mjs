import { deny } from 'graphql-shield'

export const permissions = { Query: { users: deny } }
export default permissions
