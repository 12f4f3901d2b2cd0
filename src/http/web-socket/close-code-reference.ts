import { CLOSINGS } from './close-codes.js'

const RETRY = { never: 'no', later: 'later, after a pause', credential: 'with a good credential' } as const

/** Writes the page of all close codes; `npm run generate` keeps docs/reference/close-codes.md equal to it. */
export function renderCloseCodeReference(): string {
  const rows = Object.values(CLOSINGS).map(
    ({ code, reason, retry, description }) =>
      `| ${String(code)} | ${reason === '' ? '' : `\`${reason}\``} | ${RETRY[retry]} | ${description} |`,
  )
  return [
    '<!-- Generated from src/http/web-socket/close-codes.ts by `npm run generate`. -->',
    '',
    '# Close codes of `WS /graphql`',
    '',
    'What goes wrong with a socket closes it with one of these codes. What goes wrong with a single operation comes as a',
    'message `error` for it, with a code from [the error codes](errors.md), and the socket stays open.',
    '',
    '| code | reason | connect again? | when |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}
