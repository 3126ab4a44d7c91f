/** Makes the logs that keep the server's games: in NATS with `--nats`, else in memory. */
import { hostname } from "node:os"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Logs } from "../../Log/Log.ts"
import type { LogError } from "../../Log/LogError.ts"
import * as MemoryLogs from "../../Log/MemoryLogs.ts"
import * as NatsServers from "../NatsServers.ts"
import { UserError } from "../UserError.ts"
import type { ServeOptions } from "./ServeOptions.ts"

/** Whether the name may be part of a NATS subject. */
const isName = (text: string): boolean => /^[A-Za-z0-9_-]{1,40}$/.test(text)
const NAME = "expected 1 to 40 letters, digits, - and _"

/** This node's name: `--node`, or the machine's name and the process's number. */
export const nodeOf = ({ node }: Pick<ServeOptions, "node">): string =>
  Option.getOrElse(node, () => `${hostname().replace(/[^A-Za-z0-9_-]/g, "-")}-${process.pid}`.slice(-40))

/** The options that say where games are kept. */
export type LogOptions = Pick<
  ServeOptions,
  "nats" | "natsCreds" | "natsKeep" | "natsPrefix" | "natsReplicas" | "node" | "processes"
>

export type GameLogs = Layer.Layer<Logs, LogError>

export const layerOf = Effect.fn("ServeLogs.layerOf")(function* (options: LogOptions) {
  const node = nodeOf(options)
  const { nats, natsCreds, natsKeep, natsPrefix, natsReplicas, processes } = options
  if (Option.isNone(nats)) {
    const given = {
      "nats-creds": natsCreds,
      // Several processes have a NATS server of their own, which keeps this much.
      "nats-keep": processes === 1 ? natsKeep : Option.none(),
      "nats-prefix": natsPrefix,
      "nats-replicas": natsReplicas
    }
    const idle = Object.entries(given).find(([, value]) => value._tag === "Some")
    if (idle !== undefined) return yield* UserError.of(`--${idle[0]} needs --nats: give the URL of a NATS server too`)
    const memory: GameLogs = MemoryLogs.layer()
    return memory
  }
  const prefix = Option.getOrElse(natsPrefix, () => "c10k")
  if (!isName(prefix)) return yield* UserError.of(`--nats-prefix ${prefix}: ${NAME}`)
  const JetStreamLogs = yield* Effect.promise(() => import("../../Log/JetStreamLogs.ts"))
  return JetStreamLogs.layer({
    ...(yield* NatsServers.serversOf("--nats", nats.value)),
    credentials: Option.isNone(natsCreds) ? undefined : yield* NatsServers.credentialsOf(natsCreds.value),
    name: node,
    prefix,
    ...(Option.isNone(natsKeep) ? {} : { keep: natsKeep.value }),
    replicas: Option.getOrElse(natsReplicas, () => 1)
  })
})
