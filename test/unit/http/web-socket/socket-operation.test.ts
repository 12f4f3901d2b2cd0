import { describe, expect, it } from '@jest/globals'
import type { Outbox } from '../../../../src/http/web-socket/outbox.js'
import { SocketOperation } from '../../../../src/http/web-socket/socket-operation.js'
import type { Received } from '../../../../src/kernel/contexts.js'
import { Deadline } from '../../../../src/kernel/deadline.js'
import { createFakeStream } from '../../../support/fake-stream.js'

/** A subscription whose messages go where the test says. */
async function subscribe(outbox: Partial<Outbox>) {
  const operation = new SocketOperation('1', new Deadline(1_000), outbox as Outbox)
  const source = createFakeStream()
  await operation.run({} as Received, () => Promise.resolve(source.reply))
  return { operation, source, reading: operation.read(source.stream) }
}

describe('a subscription over a WebSocket', () => {
  it('asks for the next event when the client has taken the one before', async () => {
    const sent: string[] = []
    let take: () => void = () => undefined
    let held = new Promise<void>((resolve) => (take = resolve))
    const { source, reading } = await subscribe({
      next: (_id, answer) => sent.push(answer.text),
      complete: () => sent.push('complete'),
      taken: () => held,
    })
    source.push({ data: { n: 1 } })
    source.push({ data: { n: 2 } })
    source.finish('completed')
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toEqual(['{"data":{"n":1}}'])

    const takeFirst = take
    held = Promise.resolve()
    takeFirst()
    await reading
    expect(sent).toEqual(['{"data":{"n":1}}', '{"data":{"n":2}}', 'complete'])
  })

  it('lets go of its source when writing fails', async () => {
    const { operation, source, reading } = await subscribe({
      next: () => {
        throw new Error('It cannot be written.')
      },
    })
    source.push({ data: { n: 1 } })
    await expect(reading).rejects.toThrow('It cannot be written.')
    expect(await source.over).toBe('stopped')
    expect(operation.logged.streamEnd).toBe('stopped')
  })
})
