import { InvalidArgumentError } from 'commander'

/** Reads a TCP port from a flag; 0 lets the system choose. */
export function toPort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('It must be a port from 0 to 65535.')
  return port
}

/** Reads a positive number of seconds from a flag. */
export function toSeconds(text: string): number {
  const seconds = Number(text)
  if (!/^\d{1,9}$/.test(text) || seconds === 0)
    throw new InvalidArgumentError('It must be a whole number of seconds.')
  return seconds
}

/** Reads the seconds for which something old stays valid; 0 is not at all. */
export function toGraceSeconds(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of seconds, or 0.')
  return Number(text)
}

/** Reads a number of days from a flag, at most about a hundred years. */
export function toDays(text: string): number {
  const days = Number(text)
  if (!/^\d{1,5}$/.test(text) || days === 0 || days > 36_500)
    throw new InvalidArgumentError('It must be a whole number of days from 1 to 36500.')
  return days
}

/** Reads words that are separated by spaces or commas. */
export function toWords(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}
