import type { z } from 'zod'

/** Writes zod's issues as one sentence per fault, with the key's path as it stands in the file. */
export function toFindings(error: z.ZodError): readonly string[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.')
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => `${path === '' ? key : `${path}.${key}`}: there is no such option.`)
    }
    return [`${path === '' ? 'config' : path}: ${issue.message}`]
  })
}
