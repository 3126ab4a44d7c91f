import type { Failure } from "../Measure/Failure.ts"
import type { NamedRecorder } from "../Measure/Named.ts"
import type { HttpAnswer } from "../Scenario/HttpRequest.ts"
import type { Op } from "../Scenario/Op.ts"
import type { Requesting } from "./ClientState.ts"
import type { ClientValues } from "./ClientValues.ts"
import * as ConversationFailure from "./ConversationFailure.ts"
import type { AnswerHandler, Requester } from "./HttpRequests.ts"

type Http = Op & { readonly _tag: "Http" }

/** Sends the request of a step with the client's cookies. Throws a `RenderError`. */
export const send = (op: Http, values: ClientValues, request: Requester, handler: AnswerHandler): Requesting => {
  const rendered = op.request(values)
  const host = rendered.url.hostname
  const cookie = rendered.headers["cookie"] ?? values.cookiesFor(host)
  const headers = { ...rendered.headers, ...(cookie === undefined ? {} : { cookie }) }
  return { _tag: "Requesting", op, host, giveUp: request({ ...rendered, headers }, handler) }
}

/** Records the time of an answer and sets the captured variables. Returns a failure if the answer is not the expected one. */
export const take = (
  { host, op }: Requesting,
  answer: HttpAnswer,
  values: ClientValues,
  named: NamedRecorder
): Failure | undefined => {
  named.record("http", answer.time)
  if (op.figure !== undefined) named.record(op.figure, answer.time)
  named.count(`http.${Math.floor(answer.status / 100)}xx`)
  if (!op.accepts(answer.status)) return ConversationFailure.wrongStatus(op, answer)
  values.takeCookies(answer.cookies, host)
  for (const { from, name, read } of op.captures) {
    const value = read(answer)
    if (value === undefined) return ConversationFailure.notInAnswer(op, name, from, answer)
    values.set(name, value)
  }
  return undefined
}
