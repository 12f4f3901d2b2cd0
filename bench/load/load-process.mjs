/**
 * The clients: a closed loop over keep-alive connections, in a process of its own.
 *
 * One job at a time comes from the parent: so many requests over so many connections. Every answer is compared
 * byte by byte with the one that the oracle approved; answers whose parts stand in another order, as data.
 */
import { connect } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import { quantile } from '../measure/statistics.mjs'
import { MessageReader } from './message-reader.mjs'

let serial = 0

function run(job) {
  const makeRequest = requestMaker(job)
  const verify = verifier(job)
  const latencies = new Float64Array(job.requests)
  let started = 0
  let finished = 0
  const sockets = []
  const begun = process.hrtime.bigint()

  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(new Error('took too long')), job.timeoutMs)
    const fail = (error) => {
      end()
      reject(error)
    }
    const end = () => {
      clearTimeout(timer)
      for (const socket of sockets) socket.destroy()
    }
    const finish = () => {
      end()
      const seconds = Number(process.hrtime.bigint() - begun) / 1e9
      resolve({
        seconds,
        requests: job.requests,
        p50: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
        ...(job.wantsBody ? { body: verify.first() } : {}),
      })
    }
    for (let index = 0; index < Math.min(job.connections, job.requests); index += 1) open()

    function open() {
      let sent = 0
      let mark = ''
      const socket = connect({ host: '127.0.0.1', port: job.port, noDelay: true })
      const send = () => {
        if (started === job.requests) return
        started += 1
        sent = performance.now()
        const [bytes, alias] = makeRequest()
        mark = alias
        socket.write(bytes)
      }
      const reader = new MessageReader((head, body) => {
        const problem = verify(head, body, mark)
        if (problem !== undefined) {
          fail(new Error(problem))
          return
        }
        latencies[finished] = performance.now() - sent
        finished += 1
        if (finished === job.requests) finish()
        else send()
      })
      socket.on('data', (chunk) => reader.push(chunk))
      socket.on('connect', send)
      socket.on('error', fail)
      socket.on('close', () => {
        if (finished < job.requests) fail(new Error('the gateway closed a connection'))
      })
      sockets.push(socket)
    }
  })
}

function requestMaker({ method, path, headers, body, coldMark, port }) {
  const write = (text) => {
    const lines = Object.entries({
      host: `127.0.0.1:${port}`,
      ...headers,
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    }).map(([name, value]) => `${name}: ${value}\r\n`)
    return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text ?? ''}`)
  }
  if (coldMark === undefined) {
    const bytes = write(body)
    return () => [bytes, '']
  }
  return () => {
    serial += 1
    const alias = `c${serial.toString(36).padStart(coldMark.length - 1, '0')}`
    return [write(body.replaceAll(coldMark, alias)), alias]
  }
}

/** Says what is wrong with an answer; undefined when nothing is. */
function verifier({ coldMark, expected }) {
  let first = expected === undefined ? undefined : Buffer.from(expected)
  let firstData
  const verify = (head, bytes, alias) => {
    if (!head.startsWith('HTTP/1.1 200'))
      return `${head.slice(0, 40).split('\r')[0]}: ${bytes.toString('utf8', 0, 300)}`
    const body = coldMark === undefined ? bytes : Buffer.from(bytes.toString().replaceAll(alias, coldMark))
    if (first === undefined) first = Buffer.from(body)
    else if (first.compare(body) !== 0) {
      firstData ??= JSON.parse(first.toString())
      if (!isDeepStrictEqual(JSON.parse(body.toString()), firstData))
        return `an answer differs from the one that was checked: ${body.toString('utf8', 0, 300)}`
    }
    return undefined
  }
  verify.first = () => first.toString()
  return verify
}

process.on('message', (job) => {
  run(job).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: error.message }),
  )
})
process.on('disconnect', () => process.exit())
