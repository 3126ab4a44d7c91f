import * as Schema from "effect/Schema"
import { type Failure, timedOut } from "../../Measure/Failure.ts"
import * as Capture from "../Capture.ts"
import * as ConversationFailure from "../ConversationFailure.ts"
import { Json, TemplateText, Timeout, VariableName } from "../Fields.ts"
import { type HttpAnswer, type HttpRequest, methods } from "../HttpRequest.ts"
import type { Runner, State } from "../Op.ts"
import * as Template from "../Template.ts"
import { field, type StepParts } from "./StepParts.ts"

const Status = Schema.Int.pipe(Schema.between(100, 599))

const bodies = ["json", "form", "text"] as const

/** A part of an answer: a part of its body, as in a message, or the value of a header. */
const HttpCapture = Schema.Union(Capture.Capture, Schema.Struct({ header: Schema.String }))
type HttpCapture = typeof HttpCapture.Type

/** An HTTP request and the expected answer. The body is at most one of `json`, `form` and `text`. */
const HttpStep = Schema.Struct({
  /** Absent: POST if there is a body, else GET. */
  method: Schema.optional(Schema.Literal(...methods)),
  url: TemplateText,
  headers: Schema.optional(Schema.Record({ key: Schema.String, value: TemplateText })),
  json: Schema.optional(Json),
  form: Schema.optional(Schema.Record({ key: Schema.String, value: TemplateText })),
  text: Schema.optional(TemplateText),
  /** Absent: any status below 400. */
  status: Schema.optional(Schema.Union(Status, Schema.Array(Status).pipe(Schema.minItems(1)))),
  timeout: Schema.optional(Timeout),
  capture: Schema.optional(Schema.Record({ key: VariableName, value: HttpCapture }))
}).pipe(
  Schema.filter((step) => {
    const given = bodies.filter((name) => step[name] !== undefined)
    return given.length <= 1 ? undefined : `expected at most one body, but found ${given.join(" and ")}`
  })
)
type HttpStep = typeof HttpStep.Type

export const { field: http } = field(
  HttpStep,
  "Send an HTTP request; at the beginning of the steps, before the client connects"
)

const formOf = (fields: Readonly<Record<string, string>>): Template.Template => {
  const templates = Object.entries(fields).map(([name, value]) => [name, Template.compile(value)] as const)
  return (variables) =>
    new URLSearchParams(templates.map(([name, value]): [string, string] => [name, value(variables)])).toString()
}

const bodyOf = ({ form, json, text }: HttpStep) => {
  if (json !== undefined) return { type: "application/json", render: Template.compileJson(json) }
  if (form !== undefined) return { type: "application/x-www-form-urlencoded", render: formOf(form) }
  return text === undefined ? undefined : { type: "text/plain; charset=utf-8", render: Template.compile(text) }
}

const urlOf = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new Template.RenderError(`"${text}" is not a URL with http: or https:`)
  }
  return url
}

/** Compiles a capture. `from` is the place of its part, for failures. */
const captureOf = (capture: HttpCapture) => {
  if (typeof capture === "object" && "header" in capture) {
    const name = capture.header.toLowerCase()
    return { read: ({ headers }: HttpAnswer) => headers[name], from: `the header ${capture.header}` }
  }
  const { from, read } = Capture.compile(capture)
  return { from, read: ({ body }: HttpAnswer) => read(body) }
}

const operationOf = (step: HttpStep, timeout: number, label: string, name: string | undefined) => {
  const url = Template.compile(step.url)
  const body = bodyOf(step)
  const method = step.method ?? (body === undefined ? "GET" : "POST")
  const headers = Object.entries(step.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), Template.compile(value)] as const
  )
  const statuses = step.status === undefined || typeof step.status === "object" ? step.status : [step.status]
  return {
    request: (variables: Template.Variables): HttpRequest => ({
      method,
      url: urlOf(url(variables)),
      headers: {
        ...(body === undefined ? {} : { "content-type": body.type }),
        ...Object.fromEntries(headers.map(([name, value]) => [name, value(variables)]))
      },
      body: body?.render(variables)
    }),
    accepts: (status: number) => statuses?.includes(status) ?? status < 400,
    expected: statuses?.join(" or ") ?? "one below 400",
    captures: Object.entries(step.capture ?? {}).map(([name, capture]) => ({ name, ...captureOf(capture) })),
    timeout: step.timeout ?? timeout,
    step: label,
    figure: name === undefined ? undefined : `step.${name}`
  }
}

type Operation = ReturnType<typeof operationOf>

/** Records the time of an answer and sets the captured variables. Returns a failure if the answer is not the expected one. */
const take = (op: Operation, host: string, answer: HttpAnswer, { named, values }: Runner): Failure | undefined => {
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

const request = (op: Operation, client: Runner): void => {
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

export const of = <S>(value: HttpStep): StepParts<S> => ({
  kind: "http",
  sets: Object.keys(value.capture ?? {}),
  figures: { times: ["http"], counts: ["http.2xx", "http.3xx", "http.4xx", "http.5xx"] },
  timesItself: true,
  before: "request",
  pauses: true,
  longest: (timeout) => value.timeout ?? timeout,
  compile: ({ add, options }, { label, name }) => {
    const op = operationOf(value, options.timeout, label, name)
    return add({ _tag: "Http", step: label, run: (client) => request(op, client) })
  }
})
