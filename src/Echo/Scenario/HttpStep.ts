import * as Schema from "effect/Schema"
import { Capture } from "./Capture.ts"
import { Json, TemplateText, Timeout, VariableName } from "./Fields.ts"

const Status = Schema.Int.pipe(Schema.between(100, 599))

const bodies = ["json", "form", "text"] as const

/** A part of an answer: a part of its body, as in a message, or the value of a header. */
const HttpCapture = Schema.Union(Capture, Schema.Struct({ header: Schema.String }))
export type HttpCapture = typeof HttpCapture.Type

/** An HTTP request and the expected answer. The body is at most one of `json`, `form` and `text`. */
export const HttpStep = Schema.Struct({
  /** Absent: POST if there is a body, else GET. */
  method: Schema.optional(Schema.Literal("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
  url: TemplateText,
  headers: Schema.optional(Schema.Record({ key: Schema.String, value: TemplateText })),
  json: Schema.optional(Json),
  /** Names and values, encoded as an HTML form. */
  form: Schema.optional(Schema.Record({ key: Schema.String, value: TemplateText })),
  text: Schema.optional(TemplateText),
  /** Absent: any status below 400. */
  status: Schema.optional(Schema.Union(Status, Schema.Array(Status).pipe(Schema.minItems(1)))),
  timeout: Schema.optional(Timeout),
  /** The variables to capture from the answer. */
  capture: Schema.optional(Schema.Record({ key: VariableName, value: HttpCapture }))
}).pipe(
  Schema.filter((step) => {
    const given = bodies.filter((name) => step[name] !== undefined)
    return given.length <= 1 ? undefined : `expected at most one body, but found ${given.join(" and ")}`
  })
)
export type HttpStep = typeof HttpStep.Type
