import { Lexer, TokenKind, type Source, type Token } from 'graphql'
import type { ErrorCode } from '../kernel/error-catalogue.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { DocumentLimits } from './options.js'

/**
 * Reads a document's tokens and stops at the first one over a limit.
 *
 * Counting here rather than in the tree means that a hostile text is dropped before it has cost memory, and
 * that the parser, which calls itself once per open bracket, cannot reach the end of the stack.
 */
export class LimitedLexer extends Lexer {
  readonly #limits: DocumentLimits
  #tokens = 0
  #directives = 0
  #open = 0

  constructor(source: Source, limits: DocumentLimits) {
    super(source)
    this.#limits = limits
  }

  override advance(): Token {
    const token = super.advance()
    if (token.kind === TokenKind.EOF) return token
    this.#tokens += 1
    if (this.#tokens > this.#limits.tokens) {
      throw overLimit('MAX_TOKENS_LIMIT', `The document has more than ${this.#limits.tokens} tokens.`, token)
    }
    this.#count(token)
    return token
  }

  #count(token: Token): void {
    switch (token.kind) {
      case TokenKind.BRACE_L:
      case TokenKind.BRACKET_L:
      case TokenKind.PAREN_L:
        this.#open += 1
        if (this.#open > this.#limits.nesting) {
          const message = `The document has more than ${this.#limits.nesting} brackets open at once.`
          throw overLimit('MAX_DEPTH_LIMIT', message, token)
        }
        return
      case TokenKind.BRACE_R:
      case TokenKind.BRACKET_R:
      case TokenKind.PAREN_R:
        this.#open -= 1
        return
      case TokenKind.AT:
        this.#directives += 1
        if (this.#directives > this.#limits.directives) {
          const message = `The document applies more than ${this.#limits.directives} directives.`
          throw overLimit('MAX_DIRECTIVES_LIMIT', message, token)
        }
    }
  }
}

function overLimit(code: ErrorCode, message: string, token: Token): GatewayError {
  return new GatewayError(code, message, { locations: [{ line: token.line, column: token.column }] })
}
