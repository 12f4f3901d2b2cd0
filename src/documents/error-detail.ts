import type { GraphQLError } from 'graphql'
import type { ErrorDetail } from '../kernel/gateway-error.js'

/** Characters of a message that quotes what the client sent. */
const MESSAGE_LENGTH = 400

/** Shortens a message that quotes the client's own text, which may be a megabyte long. */
export function clip(message: string): string {
  return message.length <= MESSAGE_LENGTH ? message : `${message.slice(0, MESSAGE_LENGTH)}…`
}

/** Takes from an error of graphql-js what the client may see. */
export function toDetail(error: GraphQLError): ErrorDetail {
  return {
    message: clip(error.message),
    ...(error.locations === undefined
      ? {}
      : { locations: error.locations.map(({ line, column }) => ({ line, column })) }),
  }
}
