import { networkOf } from '../../kernel/network-of.js'
import { PlacedList } from '../../kernel/placed-list.js'
import { crowded } from '../crowded.js'
import type { Connection } from './connection.js'
import type { WebSocketOptions } from './options.js'

/** The sockets that are open: how many there may be, over all and of one network. */
export class SocketRegister implements Iterable<Connection> {
  readonly #connections = new PlacedList<Connection>()
  readonly #perNetwork = new Map<string, number>()
  readonly #options: WebSocketOptions
  readonly #show: (open: number) => void

  constructor(options: WebSocketOptions, show: (open: number) => void) {
    this.#options = options
    this.#show = show
  }

  [Symbol.iterator](): IterableIterator<Connection> {
    return this.#connections[Symbol.iterator]()
  }

  /** Raises REQUEST_CONCURRENCY_LIMITED where another socket of this address has no place. */
  assertRoom(address: string): void {
    const { sockets, socketsPerAddress } = this.#options
    if (this.#connections.size >= sockets) throw crowded('Too many sockets are open.')
    if ((this.#perNetwork.get(networkOf(address)) ?? 0) >= socketsPerAddress) {
      throw crowded('Too many sockets of this address are open.')
    }
  }

  add(connection: Connection): void {
    this.#connections.add(connection)
    this.#count(connection, 1)
  }

  remove(connection: Connection): void {
    if (this.#connections.remove(connection)) this.#count(connection, -1)
  }

  #count({ visitor }: Connection, change: 1 | -1): void {
    const network = networkOf(visitor.client.address)
    const open = (this.#perNetwork.get(network) ?? 0) + change
    if (open === 0) this.#perNetwork.delete(network)
    else this.#perNetwork.set(network, open)
    this.#show(this.#connections.size)
  }
}
