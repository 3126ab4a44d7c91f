/** Shows the progress of a game: on a terminal in one line that is overwritten, else in plain lines, and with `--json` as JSON lines. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { GameProgress } from "../../Life/Game/GameProgress.ts"
import { StepRate } from "../../Server/Games/StepRate.ts"
import * as Output from "../Output.ts"
import * as OutputFiles from "../OutputFiles.ts"
import { UserError } from "../UserError.ts"
import type { RunChoice } from "./GameOptions.ts"
import * as GameStatus from "./GameStatus.ts"
import * as StepFiles from "./StepFiles.ts"

/** Milliseconds between two checks of the progress. */
const POLL = 100
/** Milliseconds between plain lines while nothing but the step changes, and between JSON objects. */
const PLAIN = 10_000
const JSON_INTERVAL = 1000
/** The rate is computed over this many milliseconds. */
const WINDOW = 2000

const CLEAR_LINE = "\r\u001b[2K"

export interface GameView {
  readonly isShown: boolean
  readonly json: Option.Option<OutputFiles.OutputFile>
  readonly steps: Option.Option<StepFiles.StepFiles>
  readonly census: boolean
  /** Writes the summary: to standard output, or to standard error if the last step goes to standard output. */
  readonly conclude: (line: string) => Effect.Effect<void, never, Output.Output>
  /** Shows a game until it is interrupted. `last` is its last step. */
  readonly show: (progress: GameProgress, last: number) => Effect.Effect<never, UserError>
}

export const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`

/** Writes the progress; `end` clears a line that must not stay. */
interface Writer {
  readonly show: (progress: GameProgress, stepsPerSecond: number, now: number) => void
  readonly end: () => void
}

const live = ({ columns, unsafeWrite }: Output.Channel, last: number): Writer => {
  let shown = ""
  return {
    show: (progress, rate) => {
      const line = GameStatus.line(progress, rate, last).slice(0, columns() - 1)
      if (line !== shown) unsafeWrite(`${CLEAR_LINE}${line}`)
      shown = line
    },
    end: () => {
      if (shown !== "") unsafeWrite(CLEAR_LINE)
    }
  }
}

const plain = ({ unsafeWrite }: Output.Channel, last: number): Writer => {
  let phase: GameStatus.ProgressPhase | undefined
  let next = 0
  return {
    show: (progress, rate, now) => {
      const before = phase
      phase = GameStatus.phaseOf(progress)
      // The line with the first step comes a moment later and says more, so the line before it is skipped.
      if (phase === "running" && progress.step < 0) phase = before
      if (phase === before && now < next) return
      next = now + PLAIN
      unsafeWrite(`${GameStatus.line(progress, rate, last)}\n`)
    },
    end: () => {}
  }
}

const silent: Writer = { show: () => {}, end: () => {} }

const show = (writer: Writer, json: GameView["json"], progress: GameProgress) =>
  Effect.suspend(() => {
    const rate = new StepRate(WINDOW)
    let nextJson = 0
    const poll = Effect.suspend(() => {
      const now = performance.now()
      rate.record(progress.step, now)
      const stepsPerSecond = rate.perSecond ?? 0
      writer.show(progress, stepsPerSecond, now)
      if (Option.isNone(json) || now < nextJson) return Effect.void
      nextJson = now + JSON_INTERVAL
      return json.value.write(jsonLine(GameStatus.figures(progress, stepsPerSecond)))
    })
    return poll.pipe(
      Effect.zipRight(Effect.sleep(POLL)),
      Effect.forever,
      Effect.ensuring(Effect.sync(() => writer.end()))
    )
  })

/** Opens the outputs for one or several games in turn. With JSON on standard output, nothing else is shown. */
export const open = Effect.fn("GameView.open")(function* (
  choice: Pick<RunChoice, "json" | "output" | "quiet" | "saveEvery" | "census">
) {
  if (OutputFiles.isStandardOutput(choice.json) && OutputFiles.isStandardOutput(choice.output)) {
    return yield* UserError.of(
      "--json and --output - both go to standard output: give one of them a file, such as --json figures.json"
    )
  }
  const { notes } = yield* Output.Output
  const json = yield* Effect.transposeMapOption(choice.json, (place) => OutputFiles.appendTo("--json", place))
  const steps = yield* StepFiles.open(choice)
  const isShown = !choice.quiet && !OutputFiles.isStandardOutput(choice.json)
  const writer = (last: number) => (isShown ? (notes.isRedrawable ? live(notes, last) : plain(notes, last)) : silent)
  const view: GameView = {
    isShown,
    json,
    steps,
    census: choice.census,
    conclude: OutputFiles.isStandardOutput(choice.output) ? Output.note : Output.result,
    show: (progress, last) => Effect.suspend(() => show(writer(last), json, progress))
  }
  return view
})
