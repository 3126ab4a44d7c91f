import * as Capture from "./Capture.ts"
import type { HttpCapture, HttpStep } from "./HttpStep.ts"
import * as Template from "./Template.ts"

/** A request whose templates are filled in. */
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

/** An `http` step, compiled. */
export interface HttpOperation {
  readonly request: (variables: Template.Variables) => HttpRequest
  readonly accepts: (status: number) => boolean
  /** The expected statuses, for messages. */
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

const readerOf = (capture: HttpCapture): { read: (answer: HttpAnswer) => string | undefined; from: string } => {
  if (typeof capture === "object" && "header" in capture) {
    const name = capture.header.toLowerCase()
    return { read: ({ headers }) => headers[name], from: `the header ${capture.header}` }
  }
  const read = Capture.compile(capture)
  return { read: ({ body }) => read(body), from: Capture.describe(capture) }
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
    captures: Object.entries(step.capture ?? {}).map(([name, capture]) => ({ name, ...readerOf(capture) }))
  }
}
