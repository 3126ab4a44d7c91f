import * as Schema from "effect/Schema"
import type { Close } from "../Frames/CloseCode.ts"

/** The connection is closed. `code` is 1005 for a close frame without a code, 1006 without a close frame. */
export class ConnectionClosed
  extends Schema.TaggedError<ConnectionClosed>()("ConnectionClosed", {
    code: Schema.Number,
    reason: Schema.String
  })
  implements Close
{
  override get message(): string {
    return `the connection was closed with code ${this.code}${this.reason === "" ? "" : ` (${this.reason})`}`
  }
}
