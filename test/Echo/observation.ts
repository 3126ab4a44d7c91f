import type { LoadRun, LoadSnapshot } from "../../src/Echo/Load/LoadRun.ts"
import { Histogram } from "../../src/Echo/Measure/Histogram.ts"
import type { Second } from "../../src/Echo/Measure/TimeSeries.ts"
import { Observer } from "../../src/Echo/Report/Observer.ts"

const roundTrip = new Histogram()
for (let ms = 1; ms <= 100; ms++) roundTrip.record(ms)

/** A second in which 100 replies came, after 1, 2, ... 100 ms. */
const second = (n: number): Second => ({
  second: n,
  connecting: 1,
  open: 7,
  completed: 2,
  failed: 1,
  sent: 100,
  received: 100,
  roundTrip: roundTrip.toData(),
  loopDelay: 4,
  times: {},
  counts: {}
})

/** A snapshot of a run after this number of seconds. */
export const snapshot = (seconds: number): LoadSnapshot => ({
  elapsed: seconds * 1000,
  clients: 12,
  waiting: 1,
  connecting: 1,
  open: 7,
  away: 0,
  peak: 8,
  started: 11,
  completed: 2,
  failed: 1,
  sent: seconds * 100,
  received: seconds * 100,
  failures: [
    {
      cause: "wrong reply",
      kind: "at step 2",
      count: 1,
      examples: [{ client: 3, at: 10, detail: 'expected "a", got "b"' }]
    }
  ],
  stopped: false
})

/** A run of which `seconds.length` seconds have passed. */
export const runOf = (seconds: { readonly length: number }): Pick<LoadRun, "unsafeSnapshot" | "unsafeSeconds"> => ({
  unsafeSnapshot: () => snapshot(seconds.length),
  unsafeSeconds: (after) => Array.from({ length: seconds.length - after }, (_, i) => second(after + i + 1))
})

export const observe = (seconds: { readonly length: number }) => new Observer(runOf(seconds))
