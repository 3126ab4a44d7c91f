/**
 * Sends a message to the echo server every second. If the server is stopped and started again, the client connects
 * again. Run `npm start` in `../echo`, then here.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { layerConnector, Reactor, Reconnecting } from "effect-c10k"

const url = new URL(`ws://localhost:${process.env["PORT"] ?? 8000}/echo/`)

const program = Reconnecting.run(
  { url },
  (talk, gap) =>
    Effect.gen(function* () {
      // Subscribe here, and ask for the messages that were missed.
      if (gap !== undefined) yield* Console.log(`back after ${gap.milliseconds} ms (${gap.close.code})`)
      while (true) {
        yield* talk.send("Are you there?")
        yield* Console.log(yield* talk.receive)
        yield* Effect.sleep("1 second")
      }
    }),
  {
    onState: (state) =>
      state._tag === "Waiting"
        ? Console.log(`${state.cause.message}: again in ${Math.ceil(state.milliseconds)} ms`)
        : Effect.void
  }
)

program.pipe(Effect.provide(Layer.provide(layerConnector(), Reactor.layer())), NodeRuntime.runMain)
