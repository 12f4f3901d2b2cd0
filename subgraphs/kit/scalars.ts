import { GraphQLScalarType, Kind } from 'graphql'
import { fault } from './faults.js'

/** A moment as RFC 3339 text in UTC; resolvers give a `Date`. */
export const dateTimeScalar = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString()
    throw new TypeError('DateTime is written from a Date')
  },
  parseValue: (value) => {
    const moment = typeof value === 'string' ? new Date(value) : undefined
    if (moment === undefined || Number.isNaN(moment.getTime())) {
      throw fault('BAD_USER_INPUT', 'A DateTime is RFC 3339 text.')
    }
    return moment
  },
})

/** An exact decimal as text; PostgreSQL gives and takes `numeric` in the same form. */
export const decimalScalar = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  serialize: (value) => {
    if (typeof value === 'string') return value
    throw new TypeError('Decimal is written from text')
  },
  parseValue: (value) => readDecimal(typeof value === 'number' ? String(value) : value),
  parseLiteral: (node) => {
    const written = node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT
    return readDecimal(written ? node.value : undefined)
  },
})

function readDecimal(value: unknown): string {
  if (typeof value === 'string' && /^-?\d{1,12}(\.\d{1,6})?$/.test(value)) return value
  throw fault('BAD_USER_INPUT', 'A Decimal is text such as "19.90".')
}
