import { allow, shield } from 'graphql-shield'

export default shield({ Query: allow })
export const options = { fallbackError: 'Sign in.' }
