/** A process of this program, as its supervisor sees it. */
import cluster from "node:cluster"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ProcessMessage from "./ProcessMessage.ts"
import type { ProcessPlace } from "./ProcessPlace.ts"

export interface Ended {
  readonly status: number
  /** For log lines: `SIGKILL`, or `status 1`. */
  readonly how: string
}

export interface ChildProcess {
  readonly place: ProcessPlace
  /** The port that it listens on, once it does. */
  readonly listening: Deferred.Deferred<number>
  readonly ended: Deferred.Deferred<Ended>
  /** Sends a message. Messages to a process that has ended are lost. */
  readonly post: (message: ProcessMessage.ToProcess) => void
  readonly kill: Effect.Effect<void>
}

export interface Options {
  readonly place: ProcessPlace
  readonly environment: Readonly<Record<string, string>>
  readonly onMessage: (message: ProcessMessage.FromProcess) => void
}

const endOf = (status: number | null, signal: string | null): Ended =>
  signal === null ? { status: status ?? 1, how: `status ${status}` } : { status: 1, how: signal }

/** Starts a process with the command line of this one. At the end of the scope it is killed if it still runs. */
export const start = Effect.fn("ChildProcess.start")(function* ({ environment, onMessage, place }: Options) {
  const listening = yield* Deferred.make<number>()
  const ended = yield* Deferred.make<Ended>()
  const worker = yield* Effect.acquireRelease(
    Effect.sync(() => cluster.fork({ ...environment, ...place.environment })),
    (worker) =>
      Effect.suspend(() => {
        if (worker.isDead()) return Effect.void
        worker.process.kill("SIGKILL")
        return Effect.asVoid(Deferred.await(ended))
      })
  )
  // The worker's `exit` and not its process's, because it comes after the last message.
  worker.once("exit", (status, signal) => Deferred.unsafeDone(ended, Effect.succeed(endOf(status, signal))))
  // A process without a pid never started, because the system has no room for it. No `exit` will come.
  worker.on("error", (error: NodeJS.ErrnoException) => {
    if (worker.process.pid === undefined)
      Deferred.unsafeDone(ended, Effect.succeed({ status: 1, how: error.code ?? error.message }))
  })
  worker.on("message", (message: unknown) => {
    const decoded = Option.getOrUndefined(ProcessMessage.decodeFromProcess(message))
    if (decoded === undefined) return
    if (decoded._tag === "Listening") Deferred.unsafeDone(listening, Effect.succeed(decoded.port))
    else onMessage(decoded)
  })
  return {
    place,
    listening,
    ended,
    post: (message) => {
      if (worker.isConnected()) worker.send(message, () => {})
    },
    kill: Effect.sync(() => void worker.process.kill("SIGKILL"))
  } satisfies ChildProcess
})
