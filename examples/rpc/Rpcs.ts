/** What the server does for its clients: known to both. */
import { Rpc, RpcGroup } from "@effect/rpc"
import { Schema } from "effect"

export class Rpcs extends RpcGroup.make(
  Rpc.make("Greet", { payload: { name: Schema.String }, success: Schema.String }),
  /** Counts down, a number each tenth of a second. */
  Rpc.make("Countdown", { payload: { from: Schema.Number }, success: Schema.Number, stream: true })
) {}
