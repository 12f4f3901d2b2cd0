export { createCostLimits, type CostLimits } from './cost/cost-limits.js'
export { createFieldLimits, type FieldLimits, type FieldLimitsPorts } from './field-limits.js'
export { createRequestLimits, type RequestLimits } from './request-limits.js'
