import * as Schema from "effect/Schema"
import { Capture } from "./Capture.ts"
import { Json, TemplateText, Timeout, VariableName } from "./Fields.ts"

const Status = Schema.Int.pipe(Schema.between(100, 599))

const bodies = ["json", "form", "text"] as const

/** A part of an answer: of its body as of a message, or the value of a header. */
const HttpCapture = Schema.Union(Capture, Schema.Struct({ header: Schema.String }))
export type HttpCapture = typeof HttpCapture.Type

/** A request over HTTP, and what its answer must be. At most one of `json`, `form` and `text` is its body. */
export const HttpStep = Schema.Struct({
  /** Absent: POST with a body, else GET. */
  method: Schema.optional(Schema.Literal("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
  url: TemplateText,
  headers: Schema.optional(Schema.Record({ key: Schema.String, value: TemplateText })),
  json: Schema.optional(Json),
  /** Names and values, as a page's form sends them. */
  form: Schema.optional(Schema.Record({ key: Schema.String, value: TemplateText })),
  text: Schema.optional(TemplateText),
  /** Absent: any below 400. */
  status: Schema.optional(Schema.Union(Status, Schema.Array(Status).pipe(Schema.minItems(1)))),
  timeout: Schema.optional(Timeout),
  /** Variables to set from the answer. */
  capture: Schema.optional(Schema.Record({ key: VariableName, value: HttpCapture }))
}).pipe(
  Schema.filter((step) => {
    const given = bodies.filter((name) => step[name] !== undefined)
    return given.length <= 1 ? undefined : `expected one body at most, but found ${given.join(" and ")}`
  })
)
export type HttpStep = typeof HttpStep.Type
