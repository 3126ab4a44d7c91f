/** Shows a game while it runs: a line in place on a terminal, else a plain line now and then, or JSON. */
import * as Effect from "effect/Effect"
import type { GameProgress } from "../../Life/Game/GameProgress.ts"
import * as GameStatus from "./GameStatus.ts"

export type Style = "live" | "plain" | "json" | "quiet"

/** Milliseconds between two looks at the game. */
const LOOK = 100
/** Milliseconds between plain lines while nothing but the step changes, and between JSON objects. */
const PLAIN = 10_000
const JSON_INTERVAL = 1000
/** Milliseconds that the rate is of. */
const WINDOW = 2000

const CLEAR_LINE = "\r\u001b[2K"

/** How to show a game here. The line goes to standard error, which leaves the other to results. */
export const styleOf = (options: { readonly json: boolean; readonly quiet: boolean }): Style => {
  if (options.json) return "json"
  if (options.quiet) return "quiet"
  return process.stderr.isTTY && process.env["TERM"] !== "dumb" ? "live" : "plain"
}

/** Writes for each state that is worth it; `end` clears what must not stay. */
interface Writer {
  readonly show: (progress: GameProgress, stepsPerSecond: number, now: number) => void
  readonly end: () => void
}

const live = (): Writer => {
  let shown = ""
  return {
    show: (progress, rate) => {
      const line = GameStatus.line(progress, rate).slice(0, Math.max(1, (process.stderr.columns ?? 80) - 1))
      if (line !== shown) process.stderr.write(`${CLEAR_LINE}${line}`)
      shown = line
    },
    end: () => {
      if (shown !== "") process.stderr.write(CLEAR_LINE)
    }
  }
}

const plain = (): Writer => {
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
      process.stderr.write(`${GameStatus.line(progress, rate)}\n`)
    },
    end: () => {}
  }
}

const json = (): Writer => {
  let next = 0
  return {
    show: (progress, rate, now) => {
      if (now < next) return
      next = now + JSON_INTERVAL
      process.stdout.write(`${JSON.stringify(GameStatus.figures(progress, rate))}\n`)
    },
    end: () => {}
  }
}

const writers: { readonly [S in Style]: () => Writer } = {
  live,
  plain,
  json,
  quiet: () => ({ show: () => {}, end: () => {} })
}

/** Shows the game until it is interrupted. */
export const show = (style: Style, progress: GameProgress): Effect.Effect<never> =>
  Effect.suspend(() => {
    const writer = writers[style]()
    const rate = new GameStatus.StepRate(WINDOW)
    const look = Effect.sync(() => {
      const now = performance.now()
      writer.show(progress, rate.sample(now, progress.step), now)
    })
    return look.pipe(
      Effect.zipRight(Effect.sleep(LOOK)),
      Effect.forever,
      Effect.ensuring(Effect.sync(() => writer.end()))
    )
  })
