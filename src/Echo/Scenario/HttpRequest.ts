import * as Schema from "effect/Schema"
import type { Failure } from "../Measure/Failure.ts"
import * as Capture from "./Capture.ts"
import { Json, TemplateText, Timeout, VariableName } from "./Fields.ts"
import * as Template from "./Template.ts"

const Status = Schema.Int.pipe(Schema.between(100, 599))

const bodies = ["json", "form", "text"] as const

/** A part of an answer: a part of its body, as in a message, or the value of a header. */
const HttpCapture = Schema.Union(Capture.Capture, Schema.Struct({ header: Schema.String }))
type HttpCapture = typeof HttpCapture.Type

/** An HTTP request and the expected answer. The body is at most one of `json`, `form` and `text`. */
export const HttpStep = Schema.Struct({
  /** Absent: POST if there is a body, else GET. */
  method: Schema.optional(Schema.Literal("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
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
export type HttpStep = typeof HttpStep.Type

export interface HttpRequest {
  readonly method: NonNullable<HttpStep["method"]>
  readonly url: URL
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface HttpAnswer {
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The values of all its `Set-Cookie` headers. */
  readonly cookies: ReadonlyArray<string>
  readonly body: string
  /** Milliseconds from the start of the request to the end of the answer. */
  readonly time: number
}

interface AnswerHandler {
  readonly onAnswer: (answer: HttpAnswer) => void
  readonly onFailure: (failure: Failure) => void
}

/** Sends a request and calls the handler once. Returns a function that aborts the request. */
export type Requester = (request: HttpRequest, handler: AnswerHandler) => () => void

export interface HttpOperation {
  readonly request: (variables: Template.Variables) => HttpRequest
  readonly accepts: (status: number) => boolean
  readonly expected: string
  readonly captures: ReadonlyArray<{
    readonly name: string
    readonly from: string
    readonly read: (answer: HttpAnswer) => string | undefined
  }>
}

interface Body {
  readonly type: string
  readonly render: Template.Template
}

const formOf = (fields: Readonly<Record<string, string>>): Template.Template => {
  const templates = Object.entries(fields).map(([name, value]) => [name, Template.compile(value)] as const)
  return (variables) =>
    new URLSearchParams(templates.map(([name, value]): [string, string] => [name, value(variables)])).toString()
}

const bodyOf = ({ form, json, text }: HttpStep): Body | undefined => {
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

const captureOf = (name: string, capture: HttpCapture): HttpOperation["captures"][number] => {
  if (typeof capture === "object" && "header" in capture) {
    const header = capture.header.toLowerCase()
    return { name, read: ({ headers }) => headers[header], from: `the header ${capture.header}` }
  }
  const { from, read } = Capture.compile(capture)
  return { name, from, read: ({ body }) => read(body) }
}

export const compile = (step: HttpStep): HttpOperation => {
  const url = Template.compile(step.url)
  const body = bodyOf(step)
  const method = step.method ?? (body === undefined ? "GET" : "POST")
  const headers = Object.entries(step.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), Template.compile(value)] as const
  )
  const statuses = step.status === undefined || typeof step.status === "object" ? step.status : [step.status]
  return {
    request: (variables) => ({
      method,
      url: urlOf(url(variables)),
      headers: {
        ...(body === undefined ? {} : { "content-type": body.type }),
        ...Object.fromEntries(headers.map(([name, value]) => [name, value(variables)]))
      },
      body: body?.render(variables)
    }),
    accepts: (status) => statuses?.includes(status) ?? status < 400,
    expected: statuses?.join(" or ") ?? "one below 400",
    captures: Object.entries(step.capture ?? {}).map(([name, capture]) => captureOf(name, capture))
  }
}
