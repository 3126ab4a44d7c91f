import * as Effect from "effect/Effect"
import * as Record from "effect/Record"
import { FORMAT, figuresOf, quantilesOf, timesOf } from "../../../Echo/Report/ReportJson.ts"
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
      const { clients, elapsed } = snapshot
      const first = begun ? "" : line({ type: "start", format: FORMAT, at: iso(at - elapsed), tool: about, clients })
      begun = true
      const rows = seconds.map((second) => {
        const { loopDelay: loopDelayMs, roundTrip: _, times: data, ...row } = second
        const times = Record.map(data, timesOf)
        return line({ type: "second", at: iso(at), ...row, loopDelayMs, times, ...quantilesOf(second) })
      })
      return file.write(first + rows.join(""))
    },
    end: (report, at) => {
      const { failures, interrupted } = report
      begun = false
      return file.write(line({ type: "end", at: iso(at), interrupted, figures: figuresOf(report), failures }))
    }
  } satisfies Sink
})
