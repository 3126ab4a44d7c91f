import { performance } from "node:perf_hooks"
import type { Recorder } from "./Recorder.ts"
import type { Report } from "./Report.ts"

type Load = Report["load"]

type Mark = Omit<Load, "time"> & { readonly at: number }

const cpuSeconds = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1e6
}

/**
 * The part of a run from which rates are computed: from the time when all clients have connected to the end of the duration.
 * Connecting and closing would make every rate too low. Without a duration it is the whole run.
 */
export class LoadWindow {
  #from: Mark
  #until: Mark | undefined
  readonly #recorder: Recorder

  constructor(recorder: Recorder, now: number) {
    this.#recorder = recorder
    this.#from = this.#mark(now)
  }

  /** Starts the window at `now`. Earlier load does not count. */
  begin(now: number): void {
    this.#from = this.#mark(now)
  }

  /** Ends the window at `now`. Only the first call counts. */
  end(now: number): void {
    this.#until ??= this.#mark(now)
  }

  load(now: number): Load {
    const from = this.#from
    const until = this.#until ?? this.#mark(now)
    return {
      time: until.at - from.at,
      sent: until.sent - from.sent,
      received: until.received - from.received,
      samples: Object.fromEntries(
        Object.entries(until.samples).map(([name, count]) => [name, count - (from.samples[name] ?? 0)])
      ),
      cpu: until.cpu - from.cpu,
      busy: until.busy - from.busy
    }
  }

  #mark(now: number): Mark {
    const { received, samples, sent } = this.#recorder
    return {
      at: now,
      sent,
      received,
      samples,
      cpu: cpuSeconds(),
      busy: performance.eventLoopUtilization().active / 1000
    }
  }
}
