import { allow, deny } from 'graphql-shield'

export default { Query: allow }
export const permissions = { Query: deny }
