/** Runs of many days, in simulated time: what is kept of them does not grow. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { RunFeed } from "../../../src/Cli/Echo/Ui/RunFeed.ts"
import type { LoadRun } from "../../../src/Echo/Load/LoadRun.ts"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import { Observer } from "../../../src/Echo/Report/Observer.ts"
import * as ReportCsv from "../../../src/Echo/Report/ReportCsv.ts"
import * as ReportHtml from "../../../src/Echo/Report/ReportHtml.ts"
import * as ReportJson from "../../../src/Echo/Report/ReportJson.ts"
import * as ReportJunit from "../../../src/Echo/Report/ReportJunit.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import { circumstances, plan } from "../plan.ts"
import { VirtualClock } from "../VirtualClock.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** Asks each minute, and is answered; gets pushes, sends what nobody answers, and loses its connection in ever new ways. */
const text = `
unmatched: ignore
steps:
  - repeat:
      steps:
        - {name: lost, send: {json: {method: lost, n: "{{message}}"}}}
        - {name: ask, send: {json: {method: ask, n: "{{message}}"}}}
        - {expect: {json: {result: ask}, answers: ask, timeout: 5m}}
        - {wait: 50s}
`

const load = plan(0, {
  scenario: Either.getOrThrow(ScenarioFile.parse("s.yaml", text)),
  ramp: { _tag: "Once" },
  clients: 2,
  duration: 7 * DAY
})

describe("a run of a week", () => {
  it.scopedLive("a run of a week keeps no more than a run of a day, and loses no count", () =>
    Effect.gen(function* () {
      // The machine runs only every three minutes, so that a week has few of the moments in which something is to do.
      const clock = new VirtualClock(3 * MINUTE)
      let [asked, answered, dropped] = [0, 0, 0]
      const dialer = MemoryDialer.layer((peer) => {
        peer.onMessage = (message) => {
          asked++
          if (!String(message).includes("ask")) return
          if (asked % 500 === 0) {
            dropped++
            return peer.close(3000 + (asked % 1000), `end ${asked}`)
          }
          peer.send(JSON.stringify({ event: asked }))
          answered++
          peer.send(JSON.stringify({ result: "ask" }))
        }
      })
      const kept: Array<{ readonly rows: number; readonly numbers: number; readonly sent: number }> = []
      const observe = (run: LoadRun, observer: Observer, feed: RunFeed) => {
        observer.poll()
        feed.poll()
        if (run.unsafeSnapshot().elapsed < (kept.length + 1) * DAY) return
        const { rows } = observer
        let sent = 0
        const page = {
          send: (news: unknown) => {
            sent += String(news).length
          }
        }
        feed.open(page).onClose({ code: 1000, reason: "" })
        const numbers = rows.flatMap(({ roundTrip, times }) => [roundTrip, ...Object.values(times)])
        kept.push({ rows: rows.length, numbers: numbers.reduce((sum, { counts }) => sum + counts.length, 0), sent })
      }
      const report = yield* Effect.gen(function* () {
        const run = yield* LocalRun.make(load)
        const observer = new Observer(run)
        const feed = new RunFeed([], () => {})
        feed.begin(load, run)
        yield* Effect.sync(() => observe(run, observer, feed)).pipe(
          Effect.delay("30 minutes"),
          Effect.forever,
          Effect.forkScoped
        )
        return yield* run.report
      }).pipe(Effect.scoped, clock.run, Effect.provide(dialer))

      assert.isAtLeast(report.elapsed, 7 * DAY)
      assert.isAbove(answered, 6_000)
      assert.deepStrictEqual([report.sent, report.failed], [asked, dropped])
      assert.strictEqual(report.named.times["step.ask"]?.count, report.roundTrip.count)
      for (const what of ["sent", "received"] as const) {
        assert.strictEqual(
          report.seconds.reduce((sum, row) => sum + row[what], 0),
          report[what],
          what
        )
      }
      assert.isAtLeast(kept.length, 6)
      const most = (what: keyof (typeof kept)[number]) => Math.max(...kept.map((each) => each[what]))
      assert.isBelow(Math.max(most("rows"), report.seconds.length), 2000)
      // Replies take no time here: a row has one time of each of its four kinds at most, and how often it came. `Rows.test.ts` has many times.
      assert.isBelow(most("numbers"), 2000 * 4 * 2)
      assert.isBelow(most("sent"), 500_000)
      assert.isAtMost(report.failures.length, 51)
      const now = new Date(0)
      const json = ReportJson.render(circumstances, load, [{ report, startedAt: now, endedAt: now }], [])
      assert.isBelow(json.length, 2_000_000)
      assert.isBelow(ReportHtml.render(load, report, []).length, 2_000_000)
      assert.isBelow(ReportCsv.render(report).length, 2_000_000)
      assert.isBelow(ReportJunit.render(load, report, []).length, 2_000_000)
    })
  )

  it.scopedLive("a run of a week does not keep the numbers of all clients that arrive", () =>
    Effect.gen(function* () {
      // A set has at most 2^24 members.
      const stages = [{ _tag: "Rate" as const, from: 100, to: 100, over: 7 * DAY }]
      const clients = (100 * 7 * DAY) / 1000
      const arriving = { ...load, clients, arrivals: {}, ramp: { _tag: "Stages", stages } as const }
      const run = yield* LocalRun.make(arriving)
      yield* run.abort
      const report = yield* run.report
      assert.deepStrictEqual([report.clients, report.notStarted], [clients, clients])
    }).pipe(Effect.provide(MemoryDialer.layer(() => {})))
  )
})
