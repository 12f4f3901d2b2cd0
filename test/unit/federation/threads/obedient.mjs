/** A thread that does what it is told: answers, dies, runs out of memory, or never answers. */
import { parentPort, threadId, workerData } from 'node:worker_threads'

parentPort.on('message', (question) => {
  switch (question) {
    case 'die':
      throw new Error('told to die')
    case 'leave':
      process.exit(7)
      break
    case 'hoard':
      for (const kept = []; ;) kept.push(new Array(100_000).fill(kept.length))
      break
    case 'hang':
      for (;;);
    default:
      parentPort.postMessage({ question, threadId })
  }
})

if (workerData === 'refuse') parentPort.postMessage({ refusal: 'not this one' })
else if (workerData !== 'never ready') parentPort.postMessage({})
