/** Turns an operation into what the clients send to one gateway, and checks a first answer against the oracle. */
import { isDeepStrictEqual } from 'node:util'
import { COLD_MARK, OPERATIONS } from './graph/operations.mjs'
import { expectedAnswer } from './graph/oracle.mjs'
import { HAND_WRITTEN_PATHS } from './targets.mjs'

export function jobFor(target, port, operationName) {
  const { query, variables, isCold } = OPERATIONS[operationName]
  const common = {
    port,
    headers: { accept: 'application/json', ...target.headers },
  }
  if (target.isHandWritten) return { ...common, method: 'GET', path: HAND_WRITTEN_PATHS[operationName] }
  return {
    ...common,
    method: 'POST',
    path: '/graphql',
    body: JSON.stringify({ query, variables }),
    ...(isCold ? { coldMark: COLD_MARK } : {}),
  }
}

/** Asks once and compares as data. */
export async function checkAnswer(world, job, operationName) {
  const { body } = await world.load({ ...job, requests: 1, connections: 1, wantsBody: true })
  const { data, errors } = JSON.parse(body)
  if (errors) throw new Error(`wrong answer: ${errors[0].message}`)
  if (!isDeepStrictEqual({ data }, expectedAnswer(OPERATIONS[operationName]))) {
    throw new Error('wrong answer: differs from the oracle')
  }
}
