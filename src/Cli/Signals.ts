/** Counts Ctrl-C (SIGINT) and SIGTERM, for all commands. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"

export type Signal = "SIGINT" | "SIGTERM"

/** The exit status that shells use for a program that a signal ended: 128 plus the number of the signal. */
export const statusOf: { readonly [S in Signal]: number } = { SIGINT: 130, SIGTERM: 143 }

/** Within this many milliseconds a signal may be an echo of the last one: a terminal sends it to all processes, and npm and tsx pass it on too. */
const ECHO = 250
/** The most programs between the terminal and this one: npm, its shell and tsx. */
const MAX_ECHOES = 3

/** Distinguishes signals from their echoes. */
export class SignalCount {
  #count = 0
  #at = Number.NEGATIVE_INFINITY
  #echoes = 0

  /** Takes a signal at `now` (milliseconds). Returns its number, from 1, or `undefined` for an echo. */
  take(now: number): number | undefined {
    if (now - this.#at < ECHO && this.#echoes < MAX_ECHOES) {
      this.#echoes++
      return undefined
    }
    this.#at = now
    this.#echoes = 0
    return ++this.#count
  }
}

interface Handler {
  readonly most: number
  readonly onSignal: (count: number, signal: Signal) => void
}

export class Signals extends Context.Tag("effect-c10k/Cli/Signals")<
  Signals,
  {
    readonly unsafeFirst: () => Signal | undefined
    /**
     * Until the scope closes, `onSignal` gets the first `most` signals with their numbers, from 1. Without a handler the first
     * signal interrupts the program. The signal after that ends the process at once.
     */
    readonly handle: (
      most: number,
      onSignal: (count: number, signal: Signal) => Effect.Effect<void>
    ) => Effect.Effect<void, never, Scope.Scope>
  }
>() {}

/** Listens for signals until the process ends. `interrupt` interrupts the program. */
export const listen = (interrupt: () => void): Signals["Type"] => {
  const usual: Handler = { most: 1, onSignal: interrupt }
  const count = new SignalCount()
  let handler = usual
  let first: Signal | undefined
  const listener = (signal: Signal) => {
    const number = count.take(performance.now())
    if (number === undefined) return
    first ??= signal
    if (number > handler.most) process.exit(statusOf[signal])
    handler.onSignal(number, signal)
  }
  process.on("SIGINT", listener).on("SIGTERM", listener)
  return Signals.of({
    unsafeFirst: () => first,
    handle: (most, onSignal) =>
      Effect.acquireRelease(
        Effect.map(Effect.runtime(), (runtime) => {
          handler = { most, onSignal: (number, signal) => void Runtime.runFork(runtime)(onSignal(number, signal)) }
        }),
        () =>
          Effect.sync(() => {
            handler = usual
          })
      )
  })
}
