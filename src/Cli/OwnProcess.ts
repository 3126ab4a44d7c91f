/** Another process of this program, which runs clients of a demo or load test, or cells of a game. */
import { type ChildProcess, fork, type Serializable } from "node:child_process"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

/** How the process ended: its exit status, or the signal that ended it. */
export type Ended = { readonly status: number } | { readonly signal: string }

export const describe = (ended: Ended): string => ("signal" in ended ? ended.signal : `exit status ${ended.status}`)

export interface Entry {
  readonly module: string
  readonly args: ReadonlyArray<string>
  readonly execArgv: ReadonlyArray<string>
}

/** This program, with the same command line. */
export const self: Entry = { module: process.argv[1] ?? "", args: process.argv.slice(2), execArgv: process.execArgv }

export interface OwnProcess<To> {
  /** Sends a message. Messages to a process that has ended are lost. */
  readonly post: (message: To) => void
  /** Closes the channel, after which the process ends. One that does not is killed. */
  readonly end: Effect.Effect<void>
  /** Ends it at once, so that it can say goodbye to nobody. */
  readonly kill: () => void
  readonly ended: Effect.Effect<Ended>
}

/** How long the process has to write its report. */
const GOODBYE = "5 seconds"

export interface Options<To, ToEncoded, From, FromEncoded> {
  /** The variable that tells this program which process it is. */
  readonly variable: string
  /** The messages to the process, and those from it. */
  readonly to: Schema.Schema<To, ToEncoded>
  readonly from: Schema.Schema<From, FromEncoded>
  readonly onMessage: (message: From) => void
  /** `self` unless given. */
  readonly entry?: Entry
}

/** Takes messages, and passes over what is none of them, because other libraries may use the channel too. */
const taking = <A, I>(messages: Schema.Schema<A, I>, take: (message: A) => void) => {
  const decode = Schema.decodeUnknownOption(messages)
  return (message: unknown): void => {
    const decoded = decode(message)
    if (Option.isSome(decoded)) take(decoded.value)
  }
}

/** Starts the process. It ends when the scope closes, and when this process ends. */
export const start = Effect.fn("OwnProcess.start")(function* <To, ToEncoded extends Serializable, From, FromEncoded>({
  entry = self,
  from,
  onMessage,
  to,
  variable
}: Options<To, ToEncoded, From, FromEncoded>) {
  const ended = yield* Deferred.make<Ended>()
  const end = (child: ChildProcess) =>
    Effect.suspend(() => {
      if (child.connected) child.disconnect()
      return Effect.zipRight(
        Effect.timeoutOption(Effect.interruptible(Deferred.await(ended)), GOODBYE),
        Effect.sync(() => void child.kill("SIGKILL"))
      )
    })
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      fork(entry.module, [...entry.args], {
        execArgv: [...entry.execArgv],
        env: { ...process.env, [variable]: "1" },
        stdio: ["ignore", "inherit", "inherit", "ipc"],
        // Cells are bytes.
        serialization: "advanced"
      })
    ),
    (child) => end(child)
  )
  child.on("exit", (status, signal) =>
    Deferred.unsafeDone(ended, Effect.succeed(signal === null ? { status: status ?? 1 } : { signal }))
  )
  // A process without a pid never started, because the system has no room for it. No `exit` will come.
  child.on("error", (error: NodeJS.ErrnoException) => {
    if (child.pid === undefined) Deferred.unsafeDone(ended, Effect.succeed({ signal: error.code ?? error.message }))
  })
  child.on("message", taking(from, onMessage))
  const encode = Schema.encodeSync(to)
  const own: OwnProcess<To> = {
    end: end(child),
    post: (message) => {
      if (child.connected) child.send(encode(message), () => {})
    },
    kill: () => void child.kill("SIGKILL"),
    ended: Deferred.await(ended)
  }
  return own
})

/** Takes the messages of the process that started this one, until the scope closes. */
export const listen = <A, I>(
  messages: Schema.Schema<A, I>,
  take: (message: A) => void
): Effect.Effect<unknown, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const listener = taking(messages, take)
      process.on("message", listener)
      return listener
    }),
    (listener) => Effect.sync(() => void process.off("message", listener))
  )

/** Makes what sends messages to the process that started this one. `sent` is called when one is on its way, or lost. */
export const answering = <A, I extends Serializable>(messages: Schema.Schema<A, I>) => {
  const encode = Schema.encodeSync(messages)
  return (message: A, sent: () => void = () => {}): void => {
    if (process.connected) process.send?.(encode(message), sent)
    else sent()
  }
}

/** The process that started this one has ended, or wants this one to end. */
export const abandoned = Effect.async<never>((resume) => {
  const end = () => resume(Effect.interrupt)
  process.once("disconnect", end)
  if (!process.connected) end()
  return Effect.sync(() => void process.off("disconnect", end))
})
