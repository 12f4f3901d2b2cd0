import { describe, expect, it } from '@jest/globals'
import { emptyCounts } from '../../../src/kernel/usage.js'
import { writeUsageCsv, type UsageLine } from '../../../src/usage/index.js'

const HEAD =
  'period,tenant,caller,operation,requests,cacheHits,clientErrors,deniedErrors,limitedErrors,serverErrors,costUnits,receivedBytes,sentBytes,refusedByLimits,events\r\n'

const line = (facts: Partial<UsageLine>): UsageLine => ({
  ...emptyCounts(),
  ...{ period: '2026-11-27', tenant: 'acme', caller: 'user', operation: 'Home', requests: 1 },
  ...facts,
})

const tenantField = (tenant: string) =>
  writeUsageCsv([line({ tenant })]).slice(
    `${HEAD}2026-11-27,`.length,
    -',user,Home,1,0,0,0,0,0,0,0,0,0,0\r\n'.length,
  )

describe('usage as CSV', () => {
  it('has a head, also without a line', () => {
    expect(writeUsageCsv([])).toBe(HEAD)
  })

  it('has one record for each line, in the order of the head', () => {
    const counts = { requests: 1, cacheHits: 2, clientErrors: 3, deniedErrors: 4, limitedErrors: 5 }
    const others = {
      serverErrors: 6,
      costUnits: 7.5,
      receivedBytes: 8,
      sentBytes: 2 ** 45,
      refusedByLimits: 9,
      events: 10,
    }
    expect(writeUsageCsv([line({ ...counts, ...others })])).toBe(
      `${HEAD}2026-11-27,acme,user,Home,1,2,3,4,5,6,7.5,8,35184372088832,9,10\r\n`,
    )
  })

  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\r\nb', '"a\r\nb"'],
    ['é 🗝', 'é 🗝'],
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['+1', `'+1`],
    ['-1', `'-1`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['\t=1', `'\t'=1`],
    ['\r=1', `"'\r'=1"`],
    ['\n=1', `"'\n'=1"`],
    ['＝1＋1', `'＝1＋1`],
    ['a-b=c', 'a-b=c'],
    // Where the language of the spreadsheet has the comma in numbers, cells end here.
    [`acme;=cmd|'/c calc'!A1;x`, `acme;'=cmd|'/c calc'!A1;x`],
    ['acme\t=1', `acme\t'=1`],
    ['acme,=1', `"acme,'=1"`],
    ['(other)', '(other)'],
  ])('writes %j as %j', (tenant, field) => {
    expect(tenantField(tenant)).toBe(field)
  })
})
