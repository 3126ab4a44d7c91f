import type { LoadRun, Snapshot } from "../Load/LoadRun.ts"
import { Histogram } from "../Measure/Histogram.ts"
import * as Recent from "../Measure/Recent.ts"
import { emptyReport, type Report } from "../Measure/Report.ts"
import type { Second } from "../Measure/TimeSeries.ts"

/** The state of a running load test. */
export interface Observation {
  readonly snapshot: Snapshot
  /** The seconds that have passed since the last observation. */
  readonly seconds: ReadonlyArray<Second>
  /** The report so far. It has only the figures that `knows` accepts. */
  readonly report: Report
}

/** Whether a figure of the whole run is known during the run. */
export const knows = (figure: string): boolean =>
  Recent.knows(figure) || /^(?:clients|started|cut|elapsed|failed\..*)$/.test(figure)

/** Observes a run repeatedly and sums its seconds. */
export class Observer {
  readonly #run: Pick<LoadRun, "unsafeSnapshot" | "unsafeSeconds">
  readonly #seconds: Array<Second> = []
  readonly #roundTrip = new Histogram()

  constructor(run: Pick<LoadRun, "unsafeSnapshot" | "unsafeSeconds">) {
    this.#run = run
  }

  poll(): Observation {
    const snapshot = this.#run.unsafeSnapshot()
    const seconds = this.#run.unsafeSeconds(this.#seconds.at(-1)?.second ?? 0)
    for (const second of seconds) {
      this.#seconds.push(second)
      this.#roundTrip.add(Histogram.fromData(second.roundTrip))
    }
    const { clients, completed, elapsed, failed, failures, peak, received, sent, started } = snapshot
    return {
      snapshot,
      seconds,
      report: {
        ...emptyReport,
        ...{ clients, completed, elapsed, failed, failures, peak, received, sent, started },
        cut: started - completed - failed - snapshot.connecting - snapshot.open - snapshot.away,
        load: { ...emptyReport.load, time: elapsed, sent, received },
        roundTrip: this.#roundTrip,
        seconds: this.#seconds
      }
    }
  }
}
