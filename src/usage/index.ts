export { createUsage, type Usage, type UsagePorts } from './create-usage.js'
export { toFirstDay, toLastDay } from './calendar.js'
export { createUsageReports, type UsageLine, type UsagePeriod, type UsageReports } from './usage-reports.js'
export { writeUsageCsv } from './usage-csv.js'
