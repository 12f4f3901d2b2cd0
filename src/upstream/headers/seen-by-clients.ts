import { rulesOf, type RuledOptions } from './options.js'
import { readNames } from './pick-client-headers.js'

/** The request headers by which answers differ because of rules, for Vary; `*` where a pattern reads them. */
export function variesBy(options: RuledOptions): readonly string[] {
  const { names, beginnings } = readNames(options)
  return beginnings.length > 0 ? ['*'] : names
}

/** The headers of subgraph replies that any rule passes on to clients, in lower case. */
export function passedNames(options: RuledOptions): readonly string[] {
  const places = [
    options.headers.all,
    ...Object.keys(options.subgraphs).map((name) => rulesOf(options, name)),
  ]
  const names = places.flatMap(({ response }) => response).map(({ propagate }) => propagate.toLowerCase())
  return [...new Set(names)]
}
