/** Results go to standard output: a table, JSON, a pattern. Progress, notes and errors go to standard error. */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { EndWith } from "./ExitStatus.ts"
import { UserError } from "./UserError.ts"

export interface Channel {
  /** Whether lines can be overwritten: the output is a terminal whose cursor can be moved. */
  readonly isRedrawable: boolean
  /** The columns of the terminal; 80 if there is none or it does not know its size. */
  readonly columns: () => number
  /** The lines of the terminal; 24 if there is none or it does not know its size. */
  readonly rows: () => number
  readonly unsafeWrite: (text: string) => void
}

export class Output extends Context.Tag("effect-c10k/Cli/Output")<
  Output,
  {
    /** Standard output. */
    readonly results: Channel
    /** Standard error. */
    readonly notes: Channel
    /** Fails when the reader of an output has closed it, or when an output can't be written. */
    readonly broken: Effect.Effect<never, EndWith | UserError>
  }
>() {
  static readonly layer: Layer.Layer<Output> = Layer.suspend(() => Layer.effect(Output, make))
}

/** Writes lines to standard output. */
export const result = (...lines: ReadonlyArray<string>): Effect.Effect<void, never, Output> =>
  Effect.map(Output, ({ results }) => results.unsafeWrite(lines.map((line) => `${line}\n`).join("")))

/** Writes lines to standard error. */
export const note = (...lines: ReadonlyArray<string>): Effect.Effect<void, never, Output> =>
  Effect.map(Output, ({ notes }) => notes.unsafeWrite(lines.map((line) => `${line}\n`).join("")))

/** Runs a command until it ends. If an output breaks, the command is interrupted, and its finalizers still write. */
export const untilBroken = <A, E, R>(
  command: Effect.Effect<A, E, R>
): Effect.Effect<A, E | EndWith | UserError, R | Output> =>
  Effect.flatMap(Output, ({ broken }) => Effect.raceFirst(Effect.zipLeft(command, written), broken))

/** Like `untilBroken`, for a command with other outputs too: runs `stop`, waits for its end, and fails then. */
export const stoppedByBreak = <A, E, R, E2, R2>(
  command: Effect.Effect<A, E, R>,
  stop: Effect.Effect<void, E2, R2>
): Effect.Effect<A, E | EndWith | UserError, R | R2 | Output> =>
  Effect.flatMap(Output, ({ broken }) =>
    Effect.scoped(
      Effect.gen(function* () {
        let failure: EndWith | UserError | undefined
        const stopping = Effect.catchAll(broken, (error) => {
          failure = error
          return stop
        })
        yield* Effect.forkScoped(stopping)
        const exit = yield* Effect.exit(Effect.zipLeft(command, written))
        return yield* failure === undefined ? exit : Effect.fail(failure)
      })
    )
  )

/** Waits one turn of the event loop, because Node reports a write error in the next turn. */
const written = Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void)))

const COLUMNS = 80
const ROWS = 24
/** The exit status that shells use for a program that wrote to a closed pipe: 128 plus the number of SIGPIPE. */
const CLOSED_PIPE = 141

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }

/** A channel to a stream. `onError` gets write errors. */
export const channel = (stream: Stream, onError: (error: NodeJS.ErrnoException) => void): Channel => {
  stream.on("error", onError)
  return {
    isRedrawable: stream.isTTY === true && process.env["TERM"] !== "dumb",
    // A terminal that does not know its size reports 0.
    columns: () => stream.columns || COLUMNS,
    rows: () => stream.rows || ROWS,
    unsafeWrite: (text) => {
      if (text !== "") stream.write(text)
    }
  }
}

const make = Effect.gen(function* () {
  const broken = yield* Deferred.make<never, EndWith | UserError>()
  const onError = (name: string) => (error: NodeJS.ErrnoException) => {
    const failure =
      error.code === "EPIPE"
        ? new EndWith({ status: CLOSED_PIPE })
        : UserError.of(`${name} cannot be written: ${error.message}`)
    Deferred.unsafeDone(broken, Effect.fail(failure))
  }
  return Output.of({
    results: channel(process.stdout, onError("standard output")),
    notes: channel(process.stderr, onError("standard error")),
    broken: Deferred.await(broken)
  })
})
