import * as Schema from "effect/Schema"
import { CloseCode } from "../Fields.ts"
import { field, type StepParts } from "./StepParts.ts"

const own = field(
  Schema.Union(
    CloseCode,
    Schema.Struct({
      code: CloseCode,
      reason: Schema.optionalWith(
        Schema.String.pipe(
          Schema.filter((text) => Buffer.byteLength(text) <= 123, { message: () => "expected at most 123 bytes" })
        ),
        { default: () => "" }
      )
    })
  ),
  "Close with this code; must be the last step of its list"
)
export const close = own.field

export const of = <S>(value: typeof own.schema.Type): StepParts<S> => {
  const { code, reason } = typeof value === "number" ? { code: value, reason: "" } : value
  return {
    kind: "close",
    endsConnection: true,
    compile: ({ add }) => add({ _tag: "Close", run: (client) => client.finish(code, reason) })
  }
}
