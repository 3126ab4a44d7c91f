import { createSocket } from "node:dgram"
import * as Effect from "effect/Effect"
import * as Samples from "../../../Echo/Report/Samples.ts"
import { StatsdLines } from "../../../Echo/Report/StatsdLines.ts"
import type { Authority } from "../../../Text/Authority.ts"
import { UserError } from "../../UserError.ts"
import type { Sink } from "./Sink.ts"

/** Sends samples as StatsD datagrams. StatsD has no answers, so it is not known whether they arrive. */
export const make = Effect.fn("Statsd.make")(function* (name: string, { host, port }: Authority) {
  const socket = yield* Effect.acquireRelease(
    Effect.async<ReturnType<typeof createSocket>, UserError>((resume) => {
      const made = createSocket(host.includes(":") ? "udp6" : "udp4")
      made.unref()
      const failed = (error: Error) => resume(Effect.fail(UserError.of(`--stream ${name}: ${error.message}`)))
      made.once("error", failed)
      made.connect(port, host, () => {
        made.off("error", failed)
        // An error means that nothing listens there now. The next datagram may arrive.
        made.on("error", () => {})
        resume(Effect.succeed(made))
      })
    }),
    (made) => Effect.sync(() => made.close())
  )
  const lines = new StatsdLines()
  const send = (packet: string) =>
    Effect.async<void, UserError>((resume) => {
      socket.send(packet, (error) => resume(error ? Effect.fail(UserError.of(error.message)) : Effect.void))
    })
  return {
    name,
    write: (observation) => Effect.forEach(lines.packets(Samples.of(observation)), send, { discard: true })
  } satisfies Sink
})
