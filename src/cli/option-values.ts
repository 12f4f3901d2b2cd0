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
