import * as Schema from "effect/Schema"
import { TimeSpan } from "../Fields.ts"
import type { Runner, State } from "../Op.ts"
import { field, type StepParts } from "./StepParts.ts"

const own = field(
  Schema.Union(
    TimeSpan,
    Schema.Struct({ min: TimeSpan, max: TimeSpan }).pipe(
      Schema.filter(({ min, max }) => min <= max, { message: () => "expected min to be at most max" })
    )
  ),
  "Wait this long; {min, max}: a random time"
)
export const wait = own.field

/** Waits for the end of a `wait`. The messages that came before a close may be all that the client waits for. */
export const pausing: State = {
  _tag: "Pausing",
  onDeadline: (client) => client.step(),
  onClose: (client, close) => client.connection.closedInPause(close)
}

export const of = <S>(value: typeof own.schema.Type): StepParts<S> => {
  const { max, min } = typeof value === "number" ? { min: value, max: value } : value
  return {
    kind: "wait",
    before: "may",
    pauses: true,
    longest: () => max,
    compile: ({ add }) => {
      const run = (client: Runner) => {
        client.at++
        client.until(pausing, client.now() + min + (max - min) * client.random())
      }
      return add({ _tag: "Wait", run })
    }
  }
}
