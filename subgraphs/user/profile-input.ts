import { fault } from '../kit/faults.js'
import type { ProfileChange } from './repository.js'

export interface UpdateProfileInput {
  readonly firstName?: string | null
  readonly lastName?: string | null
  readonly email?: string | null
}

/** Reads what shall change; null counts as left out, because no part of a profile can be removed. */
export function readProfileChange(input: UpdateProfileInput): ProfileChange {
  const change: ProfileChange = {
    ...(isText(input.firstName) ? { first_name: readName('firstName', input.firstName) } : {}),
    ...(isText(input.lastName) ? { last_name: readName('lastName', input.lastName) } : {}),
    ...(isText(input.email) ? { email: readEmail(input.email) } : {}),
  }
  if (Object.keys(change).length === 0) throw fault('BAD_USER_INPUT', 'There is nothing to change.')
  return change
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string'
}

function readName(field: string, text: string): string {
  const name = text.trim()
  if (name.length >= 1 && name.length <= 80 && !/\p{Cc}/u.test(name)) return name
  throw fault('BAD_USER_INPUT', `"${field}" must have 1 to 80 characters.`)
}

function readEmail(text: string): string {
  if (text.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return text
  throw fault('BAD_USER_INPUT', '"email" is not an e-mail address.')
}
