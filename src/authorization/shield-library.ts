/**
 * The one place that loads graphql-shield.
 *
 * Shield 7.6.5 imports `isUndefined` from `node:util`, which Node 23 removed: its ESM build does not link there.
 * Its CommonJS build only calls the function, so on such a Node we put it back and send every import of
 * graphql-shield, those of rule modules included, to that build.
 */
import type * as Shield from 'graphql-shield'
import nodeModule, { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import util from 'node:util'

type ResolveHook = (
  specifier: string,
  context: object,
  next: (specifier: string, context: object) => object,
) => object
type RegisterHooks = (hooks: { readonly resolve: ResolveHook }) => unknown

if (!('isUndefined' in util)) {
  Object.assign(util, { isUndefined: (value: unknown) => value === undefined })
  const { registerHooks } = nodeModule as unknown as { readonly registerHooks?: RegisterHooks }
  const require = createRequire(import.meta.url)
  const url = pathToFileURL(require.resolve('graphql-shield')).href
  registerHooks?.({
    resolve: (specifier, context, next) =>
      specifier === 'graphql-shield'
        ? { url, format: 'commonjs', shortCircuit: true }
        : next(specifier, context),
  })
}

export const shieldLibrary: typeof Shield = await import('graphql-shield')

let commonJs: typeof Shield | undefined

/** The library as modules of either kind get it: on most versions of Node its classes are there twice. */
export function shieldCopies(): readonly (typeof Shield)[] {
  commonJs ??= createRequire(import.meta.url)('graphql-shield') as typeof Shield
  return commonJs.rule === shieldLibrary.rule ? [shieldLibrary] : [shieldLibrary, commonJs]
}
