/** The process of a demo's clients, as the server's process sees it. */
import { fork } from "node:child_process"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { decodeFromClients, type FromClients, type ToClients } from "./ClientsMessage.ts"

/** The variable that tells this program that it is the process of the clients. */
export const ENVIRONMENT = "EFFECT_C10K_DEMO_CLIENTS"

/** How the process ended: its exit status, or the signal that ended it. */
export type Ended = { readonly status: number } | { readonly signal: string }

export interface ClientsProcess {
  /** Sends a message. Messages to a process that has ended are lost. */
  readonly post: (message: ToClients) => void
  /** Ends it at once, so that it can say goodbye to nobody. */
  readonly kill: () => void
  readonly ended: Effect.Effect<Ended>
}

/** How long the process has to write its report. */
const GOODBYE = "5 seconds"

/** Starts this program again, with the same command line. It ends when the scope closes, and when this process ends. */
export const start = Effect.fn("ClientsProcess.start")(function* (onMessage: (message: FromClients) => void) {
  const ended = yield* Deferred.make<Ended>()
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      fork(process.argv[1] ?? "", process.argv.slice(2), {
        execArgv: process.execArgv,
        env: { ...process.env, [ENVIRONMENT]: "1" },
        stdio: ["ignore", "inherit", "inherit", "ipc"],
        // Cells are bytes.
        serialization: "advanced"
      })
    ),
    (child) =>
      Effect.suspend(() => {
        if (child.connected) child.disconnect()
        return Effect.zipRight(
          Effect.timeoutOption(Effect.interruptible(Deferred.await(ended)), GOODBYE),
          Effect.sync(() => void child.kill("SIGKILL"))
        )
      })
  )
  child.on("exit", (status, signal) =>
    Deferred.unsafeDone(ended, Effect.succeed(signal === null ? { status: status ?? 1 } : { signal }))
  )
  // A process without a pid never started, because the system has no room for it. No `exit` will come.
  child.on("error", (error: NodeJS.ErrnoException) => {
    if (child.pid === undefined) Deferred.unsafeDone(ended, Effect.succeed({ signal: error.code ?? error.message }))
  })
  child.on("message", (message: unknown) => {
    const decoded = Option.getOrUndefined(decodeFromClients(message))
    if (decoded !== undefined) onMessage(decoded)
  })
  const clients: ClientsProcess = {
    post: (message) => {
      if (child.connected) child.send(message, () => {})
    },
    kill: () => void child.kill("SIGKILL"),
    ended: Deferred.await(ended)
  }
  return clients
})
