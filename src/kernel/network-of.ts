import { isIPv6 } from 'node:net'

/**
 * The part of an address that one subscriber holds: all of IPv4, the first 64 bits of IPv6.
 *
 * A home connection owns 2^64 IPv6 addresses (RFC 6177); counting them one by one would be no limit.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const bare = address.split('%', 1)[0] ?? address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(bare)) return address
  const [head = '', tail] = bare.split('::', 2)
  const first = toGroups(head)
  const last = tail === undefined ? [] : toGroups(tail)
  const gap = new Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  const network = [...first, ...gap, ...last].slice(0, 4)
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

/** An IPv4 address at the end stands for two groups; it is never within the first four. */
function toGroups(text: string): string[] {
  return text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]))
}
