/** Runs the command line inside a test. The outputs are kept, and there are no signals. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Channel, Output } from "../../src/Cli/Output.ts"
import { Signals } from "../../src/Cli/Signals.ts"

export class Outputs {
  results = ""
  notes = ""

  /** An output that keeps the written text. */
  readonly channel = (name: "results" | "notes", columns = 80): Channel => ({
    isRedrawable: false,
    columns: () => columns,
    rows: () => 24,
    unsafeWrite: (text) => {
      this[name] += text
    }
  })

  get layer(): Layer.Layer<Output> {
    const [results, notes] = [this.channel("results"), this.channel("notes")]
    return Layer.succeed(Output, Output.of({ results, notes, broken: Effect.never }))
  }
}

export const layer: Layer.Layer<Output | Signals> = Layer.merge(
  Layer.suspend(() => new Outputs().layer),
  Layer.succeed(Signals, Signals.of({ unsafeFirst: () => undefined, handle: () => Effect.void }))
)
