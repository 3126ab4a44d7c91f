import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { FailureLog } from "../../../src/Echo/Measure/Failure.ts"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import * as Report from "../../../src/Echo/Measure/Report.ts"
import * as TimeSeries from "../../../src/Echo/Measure/TimeSeries.ts"

const times = FastCheck.array(FastCheck.integer({ min: 0, max: 100_000 }), { maxLength: 20 })

const histogram = times.map((values) => {
  const result = new Histogram()
  for (const value of values) result.record(value)
  return result
})

/** Rows of a process, without some seconds. */
const seconds = FastCheck.array(FastCheck.tuple(FastCheck.integer({ min: 1, max: 3 }), FastCheck.nat(100), histogram), {
  maxLength: 5
}).map((rows) => {
  let second = 0
  return rows.map(([gap, n, roundTrip]): TimeSeries.Second => {
    second += gap
    const counts = {
      connecting: n,
      open: n,
      completed: n * second,
      failed: 0,
      sent: n,
      received: n,
      loopDelay: n,
      times: {},
      counts: {}
    }
    return { second, roundTrip: roundTrip.toData(), ...counts }
  })
})

const empty: TimeSeries.Second = {
  second: 1,
  connecting: 0,
  open: 0,
  completed: 0,
  failed: 0,
  sent: 0,
  received: 0,
  roundTrip: new Histogram().toData(),
  loopDelay: 0,
  times: {},
  counts: {}
}

const failure = FastCheck.record({
  client: FastCheck.nat(1000),
  at: FastCheck.nat(1000),
  kind: FastCheck.constantFrom("a", "b", "c")
})

const logOf = (list: ReadonlyArray<{ readonly client: number; readonly at: number; readonly kind: string }>) => {
  const log = new FailureLog()
  for (const { at, client, kind } of list) log.add({ cause: "reset", kind, detail: kind }, client, at)
  return log.groups
}

const failures = FastCheck.array(failure, { maxLength: 30 })

const report = FastCheck.record({ roundTrip: histogram, seconds, failures, n: FastCheck.nat(1000) }).map(
  (parts): Report.Report => ({
    ...Report.emptyReport,
    clients: parts.n,
    started: parts.n,
    sent: parts.n,
    roundTrip: parts.roundTrip,
    seconds: parts.seconds,
    failures: logOf(parts.failures)
  })
)

const encode = Schema.encodeSync(Report.Report)

describe("reports of several processes", () => {
  it.prop(
    "reports of several processes merge to the same result in any order",
    [report, report, report],
    ([a, b, c]) => {
      const left = encode(Report.merge(Report.merge(a, b), c))
      assert.deepStrictEqual(encode(Report.merge(a, Report.merge(b, c))).connect, left.connect)
      assert.deepStrictEqual(encode(Report.merge(c, Report.merge(b, a))).seconds, left.seconds)
      assert.deepStrictEqual(encode(Report.merge(b, Report.merge(a, c))).roundTrip, left.roundTrip)
    }
  )

  it.prop("reports of several processes survive a round trip through JSON", [report], ([one]) => {
    const wire = JSON.stringify(encode(one))
    const there = Schema.decodeUnknownSync(Report.Report)(JSON.parse(wire))
    assert.strictEqual(JSON.stringify(encode(there)), wire)
  })

  it.prop("reports of several processes lose no second, and no message of one", [seconds, seconds], ([a, b]) => {
    const merged = TimeSeries.merge(a, b)
    const sent = (list: ReadonlyArray<TimeSeries.Second>) => list.reduce((sum, second) => sum + second.sent, 0)
    assert.strictEqual(sent(merged), sent(a) + sent(b))
    const numbers = new Set([...a, ...b].map(({ second }) => second))
    assert.deepStrictEqual(
      merged.map(({ second }) => second),
      [...numbers].toSorted((x, y) => x - y)
    )
    const samples = (list: ReadonlyArray<TimeSeries.Second>) =>
      list.reduce((sum, { roundTrip }) => sum + Histogram.fromData(roundTrip).count, 0)
    assert.strictEqual(samples(merged), samples(a) + samples(b))
  })

  it("reports of several processes show no second that a running process has not reported", () => {
    const row = (second: number) => ({ ...empty, second, sent: 10 })
    const both = [row(1), row(2)]
    const shown = (ended: boolean) =>
      TimeSeries.knownToAll(
        [
          { seconds: both, ended: false },
          { seconds: [row(1)], ended }
        ],
        0
      )
    assert.deepStrictEqual(
      shown(false).map(({ second, sent }) => [second, sent]),
      [[1, 20]]
    )
    assert.deepStrictEqual(
      shown(true).map(({ second, sent }) => [second, sent]),
      [
        [1, 20],
        [2, 10]
      ]
    )
  })

  it("reports of several processes keep open connections during a second that a busy process left out, until the process ends", () => {
    const row = (second: number, open: number) => ({ ...empty, second, open })
    const merged = TimeSeries.merge([row(1, 5), row(3, 6)], [row(1, 10), row(2, 10), row(3, 10), row(4, 10)])
    assert.deepStrictEqual(
      merged.map(({ open }) => open),
      [15, 15, 16, 10]
    )
  })

  it.prop(
    "reports of several processes count failures by kind, and keep the first three of each",
    [failures, failures],
    ([a, b]) => {
      const merged = Report.merge(
        { ...Report.emptyReport, failures: logOf(a) },
        { ...Report.emptyReport, failures: logOf(b) }
      ).failures
      for (const kind of ["a", "b", "c"]) {
        const all = [...a, ...b].filter((one) => one.kind === kind)
        const group = merged.find((one) => one.kind === kind)
        assert.strictEqual(group?.count ?? 0, all.length)
        assert.deepStrictEqual(
          group?.examples.map(({ at }) => at) ?? [],
          all
            .map(({ at }) => at)
            .toSorted((x, y) => x - y)
            .slice(0, 3)
        )
      }
    }
  )

  it("reports of several processes keep the number of kinds in bounds", () => {
    const log = new FailureLog()
    for (let i = 0; i < 1000; i++) log.add({ cause: "handshake", kind: `answer ${i}`, detail: "" }, i, i)
    assert.isAtMost(log.groups.length, 60)
    assert.strictEqual(
      log.groups.reduce((sum, group) => sum + group.count, 0),
      1000
    )
    assert.strictEqual(log.groups[0]?.kind, "other")
  })
})
