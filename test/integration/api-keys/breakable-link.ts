import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

/** A way to a local server that a test can cut and mend. */
export interface BreakableLink {
  readonly port: number
  /** Ends all connections and refuses new ones, as a machine that was switched off and on again would. */
  readonly cut: () => void
  /** Keeps connections open and lets nothing through, as a network that lost its way would. */
  readonly freeze: () => void
  readonly mend: () => void
  readonly close: () => Promise<void>
}

export async function startLink(targetPort: number): Promise<BreakableLink> {
  const sockets = new Set<Socket>()
  let state: 'whole' | 'cut' | 'frozen' = 'whole'
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    if (state === 'frozen') socket.pause()
  }
  const server = createServer((client) => {
    keep(client)
    if (state === 'cut') {
      client.destroy()
      return
    }
    const target = connect(targetPort, '127.0.0.1')
    keep(target)
    client.on('data', (bytes) => target.write(bytes))
    target.on('data', (bytes) => client.write(bytes))
    client.on('close', () => target.destroy())
    target.on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut'
      for (const socket of sockets) socket.destroy()
    },
    freeze() {
      state = 'frozen'
      for (const socket of sockets) socket.pause()
    },
    mend() {
      state = 'whole'
      for (const socket of sockets) socket.resume()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
