import { type Failure, timedOut } from "../../Measure/Failure.ts"
import * as ConversationFailure from "../ConversationFailure.ts"
import * as HttpRequest from "../HttpRequest.ts"
import type { Runner, State } from "../Op.ts"
import { field, type StepParts } from "./StepParts.ts"

export const { field: http } = field(
  HttpRequest.HttpStep,
  "Send an HTTP request; at the beginning of the steps, before the client connects"
)

interface Request extends HttpRequest.HttpOperation {
  readonly step: string
  readonly timeout: number
  readonly figure: string | undefined
}

/** Records the time of an answer and sets the captured variables. Returns a failure if the answer is not the expected one. */
const take = (
  op: Request,
  host: string,
  answer: HttpRequest.HttpAnswer,
  { named, values }: Runner
): Failure | undefined => {
  named.record("http", answer.time)
  if (op.figure !== undefined) named.record(op.figure, answer.time)
  named.count(`http.${Math.floor(answer.status / 100)}xx`)
  if (!op.accepts(answer.status)) return ConversationFailure.wrongStatus(op.step, op.expected, answer)
  values.takeCookies(answer.cookies, host)
  for (const { from, name, read } of op.captures) {
    const value = read(answer)
    if (value === undefined) return ConversationFailure.notInAnswer(op.step, name, from, answer)
    values.set(name, value)
  }
  return undefined
}

const request = (op: Request, client: Runner): void => {
  const rendered = op.request(client.values)
  const host = rendered.url.hostname
  const cookie = rendered.headers["cookie"] ?? client.values.cookiesFor(host)
  const headers = { ...rendered.headers, ...(cookie === undefined ? {} : { cookie }) }
  const giveUp = client.request(
    { ...rendered, headers },
    {
      onAnswer: (answer) => {
        if (client.state !== requesting) return
        const problem = take(op, host, answer, client)
        if (problem === undefined) client.next()
        else client.connection.refuse(problem)
      },
      onFailure: (failure) => {
        if (client.state === requesting) client.connection.refuse(failure)
      }
    }
  )
  const requesting: State = {
    _tag: "Requesting",
    onDeadline: () => client.connection.refuse(timedOut(`no answer over HTTP at step ${op.step}`, op.timeout)),
    onLeave: giveUp
  }
  client.until(requesting, client.now() + op.timeout)
}

export const of = <S>(value: HttpRequest.HttpStep): StepParts<S> => ({
  kind: "http",
  sets: Object.keys(value.capture ?? {}),
  figures: { times: ["http"], counts: ["http.2xx", "http.3xx", "http.4xx", "http.5xx"] },
  timesItself: true,
  before: "request",
  pauses: true,
  longest: (timeout) => value.timeout ?? timeout,
  compile: ({ add, options }, { label, name }) => {
    const op: Request = {
      ...HttpRequest.compile(value),
      timeout: value.timeout ?? options.timeout,
      step: label,
      figure: name === undefined ? undefined : `step.${name}`
    }
    return add({ _tag: "Http", step: label, run: (client) => request(op, client) })
  }
})
