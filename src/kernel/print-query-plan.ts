import type { FlattenSegment, QueryPlan, RequiresSelection, RootNode } from './query-plan.js'

/** Writes a query plan for people, in the form that the tools of federation have in common. */
export function printQueryPlan({ node }: QueryPlan): string {
  return node === undefined ? 'QueryPlan {}' : block('QueryPlan', [printNode(node)])
}

function printNode(node: RootNode): string {
  switch (node.kind) {
    case 'Subscription':
      return block('Subscription', [
        block('Primary:', [printNode(node.primary)]),
        ...(node.rest === undefined ? [] : [block('Rest:', [printNode(node.rest)])]),
      ])
    case 'Sequence':
    case 'Parallel':
      return block(node.kind, node.nodes.map(printNode))
    case 'Flatten':
      return block(`Flatten(path: "${printPath(node.path)}")`, [printNode(node.node)])
    case 'Condition':
      return block(`Condition($${node.variable})`, [
        ...(node.ifTrue === undefined ? [] : [block('if', [printNode(node.ifTrue)])]),
        ...(node.ifFalse === undefined ? [] : [block('else', [printNode(node.ifFalse)])]),
      ])
    case 'Fetch':
      return block(`Fetch(service: "${node.subgraph}")`, [
        ...(node.requires === undefined ? [] : [`requires ${printRequires(node.requires)}`]),
        node.operation,
      ])
    case 'BatchFetch':
      return block(`BatchFetch(service: "${node.subgraph}")`, [
        ...node.batches.map(
          ({ alias, paths, requires }) =>
            `${alias}: ${paths.map((path) => `"${printPath(path)}"`).join(', ')} requires ${printRequires(requires)}`,
        ),
        node.operation,
      ])
  }
}

function printPath(path: readonly FlattenSegment[]): string {
  return path
    .map((segment) => {
      if (segment.kind === 'list') return '@'
      return segment.kind === 'key' ? segment.key : `[${segment.names.join('|')}]`
    })
    .join('.')
}

function printRequires(selections: readonly RequiresSelection[]): string {
  const parts = selections.map((selection) => {
    const below = selection.selections === undefined ? '' : ` ${printRequires(selection.selections)}`
    if (selection.kind === 'field') return `${selection.name}${below}`
    return `...${selection.typeCondition === undefined ? '' : ` on ${selection.typeCondition}`}${below}`
  })
  return `{ ${parts.join(' ')} }`
}

function block(head: string, lines: readonly string[]): string {
  return `${head} {\n${lines.map(indent).join('\n')}\n}`
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
