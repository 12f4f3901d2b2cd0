import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

/** A way to a local server that cuts a connection at a chosen moment. */
export interface ForgetfulLink {
  readonly port: number
  /** The next message of a client that matches arrives, is answered, and the answer is lost with the connection. */
  readonly loseAnswerTo: (message: RegExp) => void
  /** The next message of a client that matches is lost with the connection. */
  readonly loseMessage: (message: RegExp) => void
  readonly close: () => Promise<void>
}

export async function startForgetfulLink(targetPort: number): Promise<ForgetfulLink> {
  const sockets = new Set<Socket>()
  let trap: { readonly message: RegExp; readonly passesOn: boolean } | undefined
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1')
    let isTrapped = false
    for (const socket of [client, target]) keep(socket)
    client.on('data', (bytes) => {
      if (trap?.message.test(bytes.toString('latin1')) === true) {
        const { passesOn } = trap
        trap = undefined
        isTrapped = true
        if (!passesOn) {
          client.destroy()
          return
        }
      }
      target.write(bytes)
    })
    target.on('data', (bytes) => {
      // The answer is here: what it answers was carried out.
      if (isTrapped) client.destroy()
      else client.write(bytes)
    })
    client.on('close', () => target.destroy())
    target.on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    loseAnswerTo(message) {
      trap = { message, passesOn: true }
    },
    loseMessage(message) {
      trap = { message, passesOn: false }
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
