/** Shows a game while it runs: a line in place on a terminal, else a plain line now and then, and JSON where it is asked for. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { GameProgress } from "../../Life/Game/GameProgress.ts"
import * as Output from "../Output.ts"
import * as OutputFiles from "../OutputFiles.ts"
import { UserError } from "../UserError.ts"
import type { RunChoice } from "./GameOptions.ts"
import * as GameStatus from "./GameStatus.ts"
import * as StepFiles from "./StepFiles.ts"

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
  /** The output for programs: lines of JSON. */
  readonly json: Option.Option<OutputFiles.OutputFile>
  /** The output for complete steps. */
  readonly steps: Option.Option<StepFiles.StepFiles>
  /** Whether the objects of the last step are counted. */
  readonly census: boolean
  /** Writes the summary: it is the result, unless standard output is for the last step. */
  readonly conclude: (line: string) => Effect.Effect<void, never, Output.Output>
  /** Shows a game until it is interrupted. */
  readonly show: (progress: GameProgress) => Effect.Effect<never, UserError>
}

export const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`

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

const show = (writer: Writer, json: GameView["json"], progress: GameProgress) =>
  Effect.suspend(() => {
    const rate = new GameStatus.StepRate(WINDOW)
    let nextJson = 0
    const look = Effect.suspend(() => {
      const now = performance.now()
      const stepsPerSecond = rate.sample(now, progress.step)
      writer.show(progress, stepsPerSecond, now)
      if (Option.isNone(json) || now < nextJson) return Effect.void
      nextJson = now + JSON_INTERVAL
      return json.value.write(jsonLine(GameStatus.figures(progress, stepsPerSecond)))
    })
    return look.pipe(
      Effect.zipRight(Effect.sleep(LOOK)),
      Effect.forever,
      Effect.ensuring(Effect.sync(() => writer.end()))
    )
  })

/** Opens what games are shown on, one after the other. With JSON on standard output nothing else is said. */
export const open = Effect.fn("GameView.open")(function* (
  choice: Pick<RunChoice, "json" | "output" | "quiet" | "saveEvery" | "census">
) {
  if (OutputFiles.isStandardOutput(choice.json) && OutputFiles.isStandardOutput(choice.output)) {
    return yield* new UserError({
      message: "--json and --output - both go to standard output: give one of them a file, such as --json figures.json"
    })
  }
  const { notes } = yield* Output.Output
  const json = yield* Option.match(choice.json, {
    onNone: () => Effect.succeedNone,
    onSome: (place) => Effect.asSome(OutputFiles.appendTo("--json", place))
  })
  const steps = yield* StepFiles.open(choice)
  const isTold = !choice.quiet && !OutputFiles.isStandardOutput(choice.json)
  const writer = () => (isTold ? (notes.isRedrawable ? live(notes) : plain(notes)) : silent)
  const view: GameView = {
    isTold,
    json,
    steps,
    census: choice.census,
    conclude: OutputFiles.isStandardOutput(choice.output) ? Output.note : Output.result,
    show: (progress) => Effect.suspend(() => show(writer(), json, progress))
  }
  return view
})
