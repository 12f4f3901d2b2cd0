/** Turns an operation into what the clients send to one gateway, and checks a first answer against the oracle. */
import { isDeepStrictEqual } from 'node:util'
import { COLD_MARK, OPERATIONS } from './graph/operations.mjs'
import { expectedAnswer } from './graph/oracle.mjs'
import { EXPECTED_HOME } from './graph/shop.mjs'
import { HAND_WRITTEN_PATHS } from './targets.mjs'

export function jobFor(target, port, operationName) {
  const { query, variables, isCold, path } = OPERATIONS[operationName]
  const common = {
    port,
    headers: { accept: 'application/json', ...target.headers },
  }
  if (path !== undefined) return { ...common, method: 'GET', path }
  if (target.isHandWritten) return { ...common, method: 'GET', path: HAND_WRITTEN_PATHS[operationName] }
  return {
    ...common,
    method: 'POST',
    path: '/graphql',
    body: JSON.stringify({ query, variables }),
    ...(isCold ? { coldMark: COLD_MARK } : {}),
  }
}

/** Asks once and compares as data; gives the job, which from then on expects this very answer. */
export async function checkAnswer(world, job, operationName) {
  const { body } = await world.load({ ...job, requests: 1, connections: 1, wantsBody: true })
  const answer = JSON.parse(body)
  if (answer.errors) throw new Error(`wrong answer: ${answer.errors[0].message}`)
  if (!isDeepStrictEqual(answer, expected(operationName))) {
    throw new Error('wrong answer: differs from the oracle')
  }
  return { ...job, expected: body }
}

function expected(operationName) {
  const operation = OPERATIONS[operationName]
  return operation.query === undefined ? EXPECTED_HOME : expectedAnswer(operation)
}
