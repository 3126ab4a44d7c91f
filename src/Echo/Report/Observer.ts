import type { LoadRun, LoadSnapshot } from "../Load/LoadRun.ts"
import { Histogram } from "../Measure/Histogram.ts"
import * as Named from "../Measure/Named.ts"
import * as Recent from "../Measure/Recent.ts"
import { emptyReport, type Report } from "../Measure/Report.ts"
import { type Second, SeriesRows } from "../Measure/TimeSeries.ts"

export interface Observation {
  readonly snapshot: LoadSnapshot
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
  readonly #rows = new SeriesRows()
  #named = emptyReport.named
  readonly #roundTrip = new Histogram()

  constructor(run: Pick<LoadRun, "unsafeSnapshot" | "unsafeSeconds">) {
    this.#run = run
  }

  /** The seconds until now; older ones are joined. */
  get rows(): ReadonlyArray<Second> {
    return this.#rows.all
  }

  poll(): Observation {
    const snapshot = this.#run.unsafeSnapshot()
    const seconds = this.#run.unsafeSeconds(this.#rows.last?.second ?? 0)
    for (const second of seconds) {
      this.#rows.add(second)
      this.#roundTrip.add(Histogram.fromData(second.roundTrip))
    }
    if (seconds.length > 0) this.#named = Named.merge(this.#named, Named.ofSeconds(seconds))
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
        named: this.#named,
        seconds: this.#rows.all
      }
    }
  }
}
