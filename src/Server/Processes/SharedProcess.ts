/** The side of a process that has a supervisor: the messages to and from the supervisor. */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type { ServerConsole } from "../Operations/ServerConsole.ts"
import * as ProcessMessage from "./ProcessMessage.ts"

export class SharedProcess extends Context.Tag("effect-c10k/Server/SharedProcess")<
  SharedProcess,
  {
    /** Tells the supervisor that this process listens on this port. `metrics`: the text of its own metrics. */
    readonly listening: (port: number, metrics: Effect.Effect<string>) => Effect.Effect<void>
    /** Waits until the supervisor wants this process to end. */
    readonly drained: Effect.Effect<void>
    /** The metrics of all processes, or of this one alone if the supervisor does not answer. */
    readonly exposition: (own: Effect.Effect<string>) => Effect.Effect<string>
    /** Writes through the supervisor, so that one process alone draws on the terminal. */
    readonly console: ServerConsole["Type"]
  }
>() {
  static readonly layer: Layer.Layer<SharedProcess> = Layer.scoped(
    SharedProcess,
    Effect.suspend(() => make)
  )
}

/** How long the supervisor may take to answer. It waits up to a second for the slowest process. */
const ANSWER_TIMEOUT = "2 seconds"

const make = Effect.gen(function* () {
  const runFork = Runtime.runFork(yield* Effect.runtime())
  const drained = yield* Deferred.make<void>()
  const questions = new Map<number, Deferred.Deferred<string>>()
  let asked = 0
  let own: Effect.Effect<string> = Effect.succeed("")

  const post = (message: ProcessMessage.FromProcess): void => {
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  }
  const receive = (message: ProcessMessage.ToProcess): void => {
    switch (message._tag) {
      case "Drain":
        return Deferred.unsafeDone(drained, Effect.void)
      case "Collect":
        runFork(Effect.map(own, (text) => post({ _tag: "Metrics", round: message.round, text })))
        return
      case "Collected": {
        const question = questions.get(message.question)
        if (question !== undefined) Deferred.unsafeDone(question, Effect.succeed(message.text))
      }
    }
  }
  const listener = (message: unknown): void => {
    const decoded = Option.getOrUndefined(ProcessMessage.decodeToProcess(message))
    if (decoded !== undefined) receive(decoded)
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => process.on("message", listener)),
    () =>
      Effect.sync(() => {
        process.off("message", listener)
        // The open channel would keep the process alive.
        if (process.connected) process.disconnect()
      })
  )

  const ask = Effect.acquireUseRelease(
    Effect.map(Deferred.make<string>(), (answer) => {
      const question = ++asked
      questions.set(question, answer)
      post({ _tag: "Asked", question })
      return { question, answer }
    }),
    ({ answer }) => Deferred.await(answer),
    ({ question }) => Effect.sync(() => questions.delete(question))
  )

  return SharedProcess.of({
    listening: (port, metrics) =>
      Effect.sync(() => {
        own = metrics
        post({ _tag: "Listening", port })
      }),
    drained: Deferred.await(drained),
    console: {
      unsafeLine: (text) => post({ _tag: "Line", text }),
      unsafeProgress: (text, now) => post({ _tag: "Progress", text, now })
    },
    exposition: (own) => Effect.catchTag(Effect.timeout(ask, ANSWER_TIMEOUT), "TimeoutException", () => own)
  })
})
