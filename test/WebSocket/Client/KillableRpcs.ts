import * as Rpc from "@effect/rpc/Rpc"
import * as RpcGroup from "@effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"

export class Rpcs extends RpcGroup.make(Rpc.make("Pid", { success: Schema.Number })) {}
