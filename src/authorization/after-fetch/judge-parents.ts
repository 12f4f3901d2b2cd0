import { Answer, type AnswerBody } from '../../kernel/answer.js'
import type { Shaped } from '../../kernel/contexts.js'
import type { AnswerError } from '../../kernel/gateway-error.js'
import type { JsonObject } from '../../kernel/json.js'
import type { HiddenKeys } from './add-parent-fields.js'
import { refuseAnswer } from '../refuse-operation.js'
import { AnswerPlaces } from './answer-places.js'
import { Judging, type JudgeParts, type Refused } from './judging.js'

/**
 * Asks the rules that need the parent object, over the objects that came, and takes what they refuse out of the answer.
 *
 * As if the field's resolver had thrown: the field becomes null, or the nearest place above it that may be null
 * (GraphQL specification §6.4.4), with an error at its path, list positions included. Hidden fields are taken out too.
 * Where operations are refused as a whole, raises FORBIDDEN instead, mutations excepted.
 */
export async function judgeParents(context: Shaped, keys: HiddenKeys, parts: JudgeParts): Promise<Answer> {
  // Read from the text: the object may be shared with other requests, and this one is changed.
  const body = JSON.parse(context.answer.text) as AnswerBody
  if (body.data === undefined || body.data === null) {
    const errors = body.errors?.map((error) => withoutHidden(error, keys))
    return Answer.fromBody(errors === undefined ? body : { ...body, errors })
  }
  const judging = new Judging(context, body.errors ?? [], keys, parts)
  const root = { data: body.data as JsonObject | null }
  judging.visitRoot(root)
  const refused = await judging.settle()
  // What a mutation did is done: its caller is told the rest.
  if (refused.length > 0 && parts.rejects && context.operation.type !== 'mutation') {
    throw refuseAnswer(
      refused.map(({ path }) => path),
      context.principal,
    )
  }
  return Answer.fromBody(toBody(body, root.data, refused, keys))
}

function toBody(
  { errors = [], extensions }: AnswerBody,
  data: JsonObject | null,
  refused: readonly Refused[],
  keys: HiddenKeys,
): AnswerBody {
  const places = new AnswerPlaces(refused.map(({ path }) => path))
  const left = errors
    // What stood in a refused field or below it would tell of it.
    .filter(({ path }) => path === undefined || !places.covers(path))
    .map((error) => withoutHidden(error, keys))
  const all = [
    ...refused.map(({ path, verdict }): AnswerError => ({
      message: verdict.message,
      path,
      extensions: { code: verdict.code },
    })),
    ...left,
  ]
  return {
    ...(all.length === 0 ? {} : { errors: all }),
    data,
    ...(extensions === undefined ? {} : { extensions }),
  }
}

/** A fault of a hidden field is one of the object on which it was read. */
function withoutHidden(error: AnswerError, keys: HiddenKeys): AnswerError {
  const { path = [] } = error
  const at = path.findIndex((key) => typeof key === 'string' && key.startsWith(keys.prefix))
  return at < 0 ? error : { ...error, path: path.slice(0, at) }
}
