import { allow, shield } from 'graphql-shield'

export default shield({ Query: allow })
