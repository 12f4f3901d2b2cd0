import type { Answer } from '../../kernel/answer.js'
import type { Charged } from '../../kernel/contexts.js'
import type { CostOptions } from './options.js'

/** Tells clients what their operations cost, where configuration and request want it. */
export interface CostReport {
  readonly tell: (context: Charged, actual: number, answer: Answer) => Answer
  /** Says on the response that no cache may keep what only this request asked for. */
  readonly seal: (context: Charged) => void
}

/** Makes the report of costs, in headers, in `extensions.cost` or in both. */
export function createCostReport({ report }: Pick<CostOptions, 'report'>): CostReport {
  const isWanted = (where: keyof typeof report, context: Charged): boolean =>
    report[where] === 'always' || (report[where] === 'on-request' && context.client.asksCost === true)

  return {
    tell: (context, actual, answer) => {
      const { cost } = context.charge
      if (cost === undefined) return answer
      const { estimated, maximum } = cost
      if (isWanted('headers', context)) putCostHeaders(context, actual)
      // An endpoint presents the data only.
      return isWanted('extensions', context) && context.frontEnd !== 'bff'
        ? answer.withExtension('cost', { estimated, actual, maximum })
        : answer
    },
    seal: ({ client, responseHead }) => {
      if (client.asksCost === true) responseHead.set('cache-control', 'no-store')
    },
  }
}

function putCostHeaders({ responseHead, charge: { cost } }: Charged, actual: number): void {
  if (cost === undefined) return
  responseHead.set('x-cost-estimated', String(cost.estimated))
  responseHead.set('x-cost-actual', String(actual))
  responseHead.set('x-cost-max', String(cost.maximum))
}
