import type { Charged } from '../kernel/contexts.js'

/** The context without a way to give back what was charged: that has been done, and is to be done once. */
export function settled(charged: Charged): Charged {
  const { cost } = charged.charge
  if (cost?.giveBack === undefined) return charged
  return { ...charged, charge: { ...charged.charge, cost: { ...cost, giveBack: undefined } } }
}
