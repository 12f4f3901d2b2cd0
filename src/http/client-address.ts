import { BlockList, isIP, SocketAddress } from 'node:net'

/** Finds the address of the client behind the proxies that are trusted. */
export type ReadClientAddress = (peer: string | undefined, forwardedFor: string | undefined) => string

/**
 * Makes the reader of client addresses.
 *
 * X-Forwarded-For is believed only as far as trusted proxies wrote it: the list is read from the right, and the
 * first address that is not a trusted proxy is the client. From an untrusted peer the header counts for nothing,
 * or anybody could choose the address under which he is limited (fastify CVE-2026-3635).
 */
export function createReadClientAddress(trustedProxies: readonly string[]): ReadClientAddress {
  if (trustedProxies.length === 0) return (peer) => plainAddress(peer ?? '')
  const trusted = createBlockList(trustedProxies)
  const isTrusted = (address: string) => trusted.check(address, familyOf(address))

  return (peer, forwardedFor) => {
    let address = plainAddress(peer ?? '')
    const hops = forwardedFor === undefined ? [] : forwardedFor.split(',')
    while (isIP(address) !== 0 && isTrusted(address)) {
      const hop = readHop(hops.pop())
      if (hop === undefined) break
      address = hop
    }
    return address
  }
}

/** A list against which addresses are checked, made of single addresses and networks. */
export function createBlockList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    if (prefix === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(prefix), familyOf(address))
  }
  return list
}

/** Says whether a list holds an address as a socket reports it. */
export function listHolds(list: BlockList, address: string | undefined): boolean {
  const plain = plainAddress(address ?? '')
  return isIP(plain) !== 0 && list.check(plain, familyOf(plain))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

/** Takes IPv4 out of its IPv6 clothes (`::ffff:10.0.0.1`), in which dual-stack sockets report it. */
function plainAddress(address: string): string {
  const mapped = withoutPrefix(address)
  if (mapped !== address || !MAYBE_MAPPED.test(address) || isIP(address) === 0) return mapped
  // Proxies may write them in other ways (`::ffff:a00:1`), which are one network for all of IPv4 otherwise.
  return withoutPrefix(new SocketAddress({ address, family: 'ipv6' }).address)
}

const MAYBE_MAPPED = /^[0:]+:ffff:/i

function withoutPrefix(address: string): string {
  const mapped = address.startsWith('::ffff:') ? address.slice(7) : address
  return isIP(mapped) === 4 ? mapped : address
}

/** One element of X-Forwarded-For, without port and brackets; undefined when it is no address. */
function readHop(text: string | undefined): string | undefined {
  const hop = text?.trim() ?? ''
  const bare = /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop
  return isIP(bare) === 0 ? undefined : plainAddress(bare)
}
