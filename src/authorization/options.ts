import { z } from 'zod'

/** What callers may see, and what happens when they ask for more. */
export const authorizationOptions = z.strictObject({
  mode: z
    .enum(['prune', 'reject'])
    .default('prune')
    .describe(
      'prune: refused fields are null with an error and the rest runs. reject: the whole operation is refused with 403.',
    ),
  onMutationDenied: z
    .enum(['prune', 'reject'])
    .default('prune')
    .describe(
      'reject: a mutation with any refused field does not run at all, whatever `mode` says of queries.',
    ),
  dryRun: z
    .boolean()
    .default(false)
    .describe(
      'Log what would be refused, at level warn, count it, and refuse nothing. For trying a policy out only.',
    ),
  rules: z
    .string()
    .optional()
    .describe(
      'Path of a module (.js, .mjs or .cjs) whose default export, or export `permissions`, is a graphql-shield rule tree or what `shield()` returned; it may also export `policies`, functions by @policy name, and, beside a tree, `options` with fallbackRule and fallbackError. Default: no rules.',
    ),
  watchRules: z
    .boolean()
    .default(true)
    .describe(
      'Load the rule module again when its file changes. What it imports is not looked at; a module that does not fit is refused, and the rules before it stay.',
    ),
  fallback: z
    .enum(['allow', 'deny'])
    .default('allow')
    .describe(
      'What happens to a field that neither a rule nor a directive names. Introspection is not touched by it.',
    ),
  ruleTimeoutMs: z
    .int()
    .positive()
    .default(1_000)
    .describe(
      'Longest time for a rule or policy to decide, in milliseconds; then its field is refused with a fault.',
    ),
  ruleCache: z
    .enum(['no_cache', 'as_declared'])
    .default('no_cache')
    .describe(
      'no_cache: every rule is evaluated for every field. as_declared: rules with `cache: contextual` or `strict` share results between the fields of one request, as graphql-shield does; a contextual rule must not look at arguments.',
    ),
})

export type AuthorizationOptions = z.output<typeof authorizationOptions>
