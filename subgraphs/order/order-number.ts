import { TENANTS } from '../kit/tenants.js'

/** The number on the invoice: the tenant's letter and six digits or more. */
export function toOrderNumber(tenantId: string, seq: number): string {
  const letter = TENANTS.find((tenant) => tenant.id === tenantId)?.letter ?? tenantId
  return `${letter}-${100_000 + seq}`
}
