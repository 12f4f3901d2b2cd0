import { ERROR_CATALOGUE } from './error-catalogue.js'

const RETRY = {
  never: 'no',
  later: 'later, after `Retry-After` or a pause',
  login: 'after signing in',
} as const

/** Writes the page of all error codes; `npm run generate` keeps docs/reference/errors.md equal to it. */
export function renderErrorReference(): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, entry]) =>
      `| \`${code}\` | ${String(entry.status)} | ${RETRY[entry.retry]} | ${entry.description} |`,
  )
  return [
    '<!-- Generated from src/kernel/error-catalogue.ts by `npm run generate`. -->',
    '',
    '# Error codes',
    '',
    'The status applies when the error ends the request; inside partial data the answer is 200.',
    'GraphQL answers carry the code in `errors[].extensions.code`, REST answers in the `code` of an RFC 9457 problem.',
    '',
    '| code | status | try again? | when |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}
