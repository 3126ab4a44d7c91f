/** A client that asks for the pid of the server's process again and again, whatever happens to the connection. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Reconnecting from "../../../src/WebSocket/Client/Reconnecting.ts"

/** `tell` is called with each pid. */
export const ask = (url: URL, report: (pid: string) => void) =>
  Reconnecting.run(
    { url },
    (talk) =>
      Effect.gen(function* () {
        while (talk.isOpen) {
          yield* talk.send("which?")
          report(String(yield* talk.receive))
          yield* Effect.sleep(20)
        }
      }),
    { schedule: Schedule.spaced(50) }
  )
