/** The procedures of the server. Server and client both import this module. */
import { Rpc, RpcGroup } from "@effect/rpc"
import { Schema } from "effect"

export class Rpcs extends RpcGroup.make(
  Rpc.make("Greet", { payload: { name: Schema.String }, success: Schema.String }),
  /** Counts down: one number every tenth of a second. */
  Rpc.make("Countdown", { payload: { from: Schema.Number }, success: Schema.Number, stream: true })
) {}
