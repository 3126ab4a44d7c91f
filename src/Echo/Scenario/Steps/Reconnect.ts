import * as Schema from "effect/Schema"
import { CloseCode as Code } from "../../../WebSocket/Frames/CloseCode.ts"
import * as ConversationFailure from "../ConversationFailure.ts"
import { CloseCode, TimeSpan } from "../Fields.ts"
import type { Op, State } from "../Op.ts"
import { field, type StepParts } from "./StepParts.ts"

const own = field(
  Schema.Union(
    TimeSpan,
    Schema.Struct({ after: TimeSpan, code: Schema.optional(CloseCode), login: Schema.optional(Schema.Boolean) })
  ),
  "Close, connect again after this time, and continue with the next step"
)
export const reconnect = own.field

/** Waits until the server has answered the close. Then the client connects again. */
const leaving = (after: number, code: number, login: boolean, timeout: number): Op & State => {
  const op: Op & State = {
    _tag: "Reconnect",
    run: (client) => {
      const { link } = client.connection
      if (link === undefined) return client.connection.leaveFor(after, login)
      client.until(op, client.now() + timeout)
      link.close(code, "")
    },
    onMessage: () => {},
    onClose: (client) => client.connection.leaveFor(after, login),
    onDeadline: (client) => client.end(ConversationFailure.notClosed(client.timeout))
  }
  return op
}

export const of = <S>(value: typeof own.schema.Type): StepParts<S> => {
  const { after, code = Code.Normal, login = false } = typeof value === "number" ? { after: value } : value
  return {
    kind: "reconnect",
    pauses: true,
    longest: (timeout) => 2 * timeout + after,
    compile: ({ add, options }) => add(leaving(after, code, login, options.timeout))
  }
}
