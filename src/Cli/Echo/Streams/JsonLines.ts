import * as Effect from "effect/Effect"
import * as Figures from "../../../Echo/Measure/Figures.ts"
import { FORMAT, quantilesOf, timesOf } from "../../../Echo/Report/ReportJson.ts"
import { about } from "../../About.ts"
import * as OutputFiles from "../../OutputFiles.ts"
import type { Sink } from "./Sink.ts"

const line = (value: unknown): string => `${JSON.stringify(value)}\n`

const iso = (at: number): string => new Date(at).toISOString()

/** Writes one JSON value per line: for each run a `start`, a `second` for each second, and an `end` with every figure. Times are in milliseconds. */
export const make = Effect.fn("JsonLines.make")(function* (name: string, place: string) {
  const file = yield* OutputFiles.appendTo("--stream jsonl", place)
  let begun = false
  return {
    name,
    write: ({ seconds, snapshot }, at) => {
      const first = begun
        ? ""
        : line({
            type: "start",
            format: FORMAT,
            at: iso(at - snapshot.elapsed),
            tool: about,
            clients: snapshot.clients
          })
      begun = true
      const rows = seconds.map((second) => {
        const { loopDelay: loopDelayMs, roundTrip: _, times, ...row } = second
        const named = Object.entries(times).map(([name, data]) => [name, timesOf(data)] as const)
        return line({
          type: "second",
          at: iso(at),
          ...row,
          loopDelayMs,
          times: Object.fromEntries(named),
          ...quantilesOf(second)
        })
      })
      return file.write(first + rows.join(""))
    },
    end: (report, at) => {
      const figures = [...Figures.of(report)].map(([key, { value }]) => [key, Number.isFinite(value) ? value : null])
      const { failures, interrupted } = report
      begun = false
      return file.write(line({ type: "end", at: iso(at), interrupted, figures: Object.fromEntries(figures), failures }))
    }
  } satisfies Sink
})
