/** Shows a game while it runs: a line in place on a terminal, else a plain line now and then, and JSON where it is asked for. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { GameProgress } from "../../Life/Game/GameProgress.ts"
import * as JsonOutput from "../JsonOutput.ts"
import * as Output from "../Output.ts"
import type { UserError } from "../UserError.ts"
import * as GameStatus from "./GameStatus.ts"

/** Milliseconds between two looks at the game. */
const LOOK = 100
/** Milliseconds between plain lines while nothing but the step changes, and between JSON objects. */
const PLAIN = 10_000
const JSON_INTERVAL = 1000
/** Milliseconds that the rate is of. */
const WINDOW = 2000

const CLEAR_LINE = "\r\u001b[2K"

export interface GameView {
  /** Whether a person reads what happens. */
  readonly isTold: boolean
  /** Where figures for programs go, if they are asked for. */
  readonly writeJson: JsonOutput.WriteJson | undefined
  /** Shows a game until it is interrupted. */
  readonly show: (progress: GameProgress) => Effect.Effect<never, UserError>
}

export interface ViewOptions {
  readonly json: Option.Option<string>
  readonly quiet: boolean
}

/** Writes for each state that is worth it; `end` clears what must not stay. */
interface Writer {
  readonly show: (progress: GameProgress, stepsPerSecond: number, now: number) => void
  readonly end: () => void
}

const live = ({ columns, unsafeWrite }: Output.Channel): Writer => {
  let shown = ""
  return {
    show: (progress, rate) => {
      const line = GameStatus.line(progress, rate).slice(0, columns() - 1)
      if (line !== shown) unsafeWrite(`${CLEAR_LINE}${line}`)
      shown = line
    },
    end: () => {
      if (shown !== "") unsafeWrite(CLEAR_LINE)
    }
  }
}

const plain = ({ unsafeWrite }: Output.Channel): Writer => {
  let phase: GameStatus.Phase | undefined
  let next = 0
  return {
    show: (progress, rate, now) => {
      const before = phase
      phase = GameStatus.phaseOf(progress)
      // The first step says more than the moment before it.
      if (phase === "running" && progress.step < 0) phase = before
      if (phase === before && now < next) return
      next = now + PLAIN
      unsafeWrite(`${GameStatus.line(progress, rate)}\n`)
    },
    end: () => {}
  }
}

const silent: Writer = { show: () => {}, end: () => {} }

const show = (writer: Writer, writeJson: JsonOutput.WriteJson | undefined, progress: GameProgress) =>
  Effect.suspend(() => {
    const rate = new GameStatus.StepRate(WINDOW)
    let nextJson = 0
    const look = Effect.suspend(() => {
      const now = performance.now()
      const stepsPerSecond = rate.sample(now, progress.step)
      writer.show(progress, stepsPerSecond, now)
      if (writeJson === undefined || now < nextJson) return Effect.void
      nextJson = now + JSON_INTERVAL
      return writeJson(GameStatus.figures(progress, stepsPerSecond))
    })
    return look.pipe(
      Effect.zipRight(Effect.sleep(LOOK)),
      Effect.forever,
      Effect.ensuring(Effect.sync(() => writer.end()))
    )
  })

/** How to show games here, one after the other. With JSON on standard output nothing else is said. */
export const open: (
  options: ViewOptions
) => Effect.Effect<GameView, UserError, FileSystem.FileSystem | Output.Output | Scope.Scope> = Effect.fn(
  "GameView.open"
)(function* ({ json, quiet }: ViewOptions) {
  const { notes } = yield* Output.Output
  const writeJson = yield* JsonOutput.open(json)
  const isTold = !quiet && !JsonOutput.isStandardOutput(json)
  const isLive = notes.isTerminal && process.env["TERM"] !== "dumb"
  const writer = () => (isTold ? (isLive ? live(notes) : plain(notes)) : silent)
  return { isTold, writeJson, show: (progress) => Effect.suspend(() => show(writer(), writeJson, progress)) }
})
