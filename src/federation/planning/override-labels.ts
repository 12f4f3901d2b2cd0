import { isInterfaceType, isObjectType, Kind, type GraphQLSchema } from 'graphql'
import type { OverrideChoice } from './override-choice.js'

/** The labels of a supergraph's overrides. */
export interface OverrideLabels {
  readonly names: ReadonlySet<string>
  /** The N of every `percent(N)`, by the text of the label. */
  readonly percentages: ReadonlyMap<string, number>
}

const PERCENT = /^percent\((\d+(?:\.\d+)?)\)$/

/** Reads the labels of a supergraph (join specification: `@join__field(overrideLabel:)`). */
export function overrideLabels(schema: GraphQLSchema): OverrideLabels {
  const names = new Set<string>()
  const percentages = new Map<string, number>()
  for (const label of labelsOf(schema)) {
    const percentage = PERCENT.exec(label)?.[1]
    if (percentage === undefined) names.add(label)
    else percentages.set(label, Number(percentage))
  }
  return { names, percentages }
}

/** The texts of all labels that are active. */
export function activeLabels({ percentages }: OverrideLabels, choice: OverrideChoice): readonly string[] {
  const reached = [...percentages].filter(([, percentage]) => choice.percentage < percentage)
  return [...choice.names, ...reached.map(([label]) => label)]
}

function* labelsOf(schema: GraphQLSchema): Generator<string> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    for (const { astNode } of Object.values(type.getFields())) {
      for (const { name, value } of (astNode?.directives ?? []).flatMap((node) => node.arguments ?? [])) {
        if (name.value === 'overrideLabel' && value.kind === Kind.STRING) yield value.value
      }
    }
  }
}
