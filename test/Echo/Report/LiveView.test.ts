import { assert, describe, it } from "@effect/vitest"
import type { LoadSnapshot } from "../../../src/Echo/Load/LoadRun.ts"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import * as LiveView from "../../../src/Echo/Report/LiveView.ts"

const roundTrip = new Histogram()
roundTrip.record(2)

const snapshot: LoadSnapshot = {
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
  loopDelay: 1,
  times: {},
  counts: {}
}

const size = { columns: 80, rows: 24 }

const failures: LoadSnapshot["failures"] = [
  { cause: "wrong reply", kind: "at step 2", count: 1234, examples: [] },
  { cause: "timeout", kind: "no reply\nwithin 1 s", count: 2, examples: [] }
]

/** A second with 98 round trips of the first time and 2 of the second. */
const slow = (p50: number, p99: number) => {
  const histogram = new Histogram()
  for (let i = 0; i < 98; i++) histogram.record(p50)
  histogram.record(p99)
  histogram.record(p99)
  return { ...second, roundTrip: histogram.toData() }
}

describe("LiveView", () => {
  it("LiveView draws the round trips second by second, and lists what failed", () => {
    const lines = LiveView.render({ ...snapshot, failures }, [slow(1, 1), slow(1, 100), slow(100, 1000)], size, 0)
    assert.deepStrictEqual(lines.slice(5), [
      "",
      "failures",
      "     1,234  wrong reply: at step 2",
      "         2  timeout: no reply within 1 s",
      "",
      "round trip, second by second: \u2588 p50, \u2591 p99",
      "    1.00 s    \u2591",
      "              \u2591",
      "             \u2591\u2588",
      "             \u2591\u2588",
      "             \u2591\u2588",
      "   1.00 ms  \u2588\u2588\u2588"
    ])
  })

  it("LiveView shows the progress of the run", () => {
    const [head, ramp, clients, messages, latency] = LiveView.render(snapshot, [second], size, 0)
    assert.strictEqual(head, "1:15  clients are connecting")
    assert.match(ramp ?? "", /█{25}░{35} 42 %$/)
    assert.strictEqual(clients, "clients     4,190 connected   10 connecting   7 done   3 failed")
    assert.strictEqual(messages, "messages    1,204/s sent   1,300/s received")
    assert.strictEqual(latency, "round trip  p50 2.00 ms   p99 2.00 ms   max 2.00 ms")
  })

  it("LiveView says that all clients have started when one of them waits for its next conversation", () => {
    const [head] = LiveView.render({ ...snapshot, waiting: 1, started: snapshot.clients }, [second], size, 0)
    assert.strictEqual(head, "1:15  all clients have started")
  })

  it("LiveView keeps within the terminal", () => {
    for (const columns of [1, 20, 40, 200]) {
      for (const rows of [1, 6, 12, 24]) {
        const lines = LiveView.render({ ...snapshot, failures }, [second], { columns, rows }, 0)
        assert.isAtMost(lines.length, Math.max(1, rows - 1))
        for (const line of lines) assert.isAtMost(line.length, columns)
      }
    }
  })

  it("LiveView says how to end at once when it is stopping", () => {
    const [head] = LiveView.render({ ...snapshot, stopped: true }, [second], size, 180_000)
    assert.strictEqual(
      head,
      "1:15  waiting for 4,200 conversations, up to 180 s and their replies; Ctrl-C again en".slice(0, 80)
    )
    assert.include(
      LiveView.stopping({ open: 1, connecting: 0, away: 0 }, Infinity),
      "1 conversation, until their scripts end"
    )
  })

  it("LiveView overwrites the last view, and erases it", () => {
    const screen = new LiveView.Screen()
    assert.strictEqual(screen.draw(["a", "b"]), "\u001b[2Ka\n\u001b[2Kb\n")
    assert.isTrue(screen.draw(["c"]).startsWith("\u001b[2A\r\u001b[J"))
    assert.strictEqual(screen.erase(), "\u001b[1A\r\u001b[J")
    assert.strictEqual(screen.erase(), "")
  })
})
