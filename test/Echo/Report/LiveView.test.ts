import { assert, describe, it } from "@effect/vitest"
import type { Snapshot } from "../../../src/Echo/Load/LoadRun.ts"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import * as LiveView from "../../../src/Echo/Report/LiveView.ts"

const roundTrip = new Histogram()
roundTrip.record(2)

const snapshot: Snapshot = {
  elapsed: 75_000,
  clients: 10_000,
  waiting: 5790,
  connecting: 10,
  away: 0,
  open: 4190,
  peak: 4190,
  started: 4210,
  completed: 7,
  failed: 3,
  sent: 100,
  failures: [],
  received: 100,
  stopped: false
}

const second = {
  second: 75,
  connecting: 10,
  away: 0,
  open: 4190,
  completed: 7,
  failed: 3,
  sent: 1204,
  received: 1300,
  roundTrip: roundTrip.toData(),
  loopDelay: 1
}

describe("LiveView", () => {
  it("shows where the run stands", () => {
    const [head, ramp, clients, messages, latency] = LiveView.render(snapshot, second, 80)
    assert.strictEqual(head, "1:15  clients are connecting")
    assert.match(ramp ?? "", /█{25}░{35} 42 %$/)
    assert.strictEqual(clients, "clients     4,190 connected   10 connecting   7 done   3 failed")
    assert.strictEqual(messages, "messages    1,204/s sent   1,300/s received")
    assert.strictEqual(latency, "round trip  p50 2.00 ms   p99 2.00 ms   max 2.00 ms")
  })

  it("keeps within the columns of the terminal", () => {
    for (const columns of [1, 20, 40, 200]) {
      for (const line of LiveView.render(snapshot, undefined, columns)) assert.isAtMost(line.length, columns)
    }
  })

  it("says how to end when it is ending", () => {
    assert.include(LiveView.render({ ...snapshot, stopped: true }, second, 80)[0], "Ctrl-C again")
  })

  it("draws over what it drew, and erases it", () => {
    const screen = new LiveView.Screen()
    assert.strictEqual(screen.draw(["a", "b"]), "\u001b[2Ka\n\u001b[2Kb\n")
    assert.isTrue(screen.draw(["c"]).startsWith("\u001b[2A\r\u001b[J"))
    assert.strictEqual(screen.erase(), "\u001b[1A\r\u001b[J")
    assert.strictEqual(screen.erase(), "")
  })
})
