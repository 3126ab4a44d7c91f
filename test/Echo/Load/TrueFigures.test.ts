/**
 * A server that writes down when each request came and when it was answered, and replies late, out of order, with pushes in
 * between, or never. The figures of a run must be those of this book.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { PCGRandom } from "effect/Utils"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import * as Figures from "../../../src/Echo/Measure/Figures.ts"
import type { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import * as Report from "../../../src/Echo/Measure/Report.ts"
import * as Summary from "../../../src/Echo/Report/Summary.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import type { Behaviour, Peer } from "../Peer.ts"
import { plan } from "../plan.ts"
import { VirtualClock } from "../VirtualClock.ts"
import * as WsServer from "../WsServer.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

interface Timing {
  readonly now: () => number
  readonly after: (milliseconds: number, act: () => void) => void
}

interface Request {
  readonly method: string
  readonly id?: string
}

/** What a server did: the times until its answers by method, in milliseconds, and how many messages it received and sent. */
class Book {
  readonly times = new Map<string, Array<number>>()
  /** When it answered, by method, in milliseconds of its clock. */
  readonly answers = new Map<string, Array<number>>()
  /** When the last connection was opened. */
  opened = 0
  received = 0
  sent = 0

  note(method: string, time: number, at: number): void {
    this.times.set(method, [...(this.times.get(method) ?? []), time])
    this.answers.set(method, [...(this.answers.get(method) ?? []), at])
  }

  of(method: string): ReadonlyArray<number> {
    return (this.times.get(method) ?? []).toSorted((a, b) => a - b)
  }
}

/** The delay of an answer in milliseconds, by method; `undefined`: it is lost. */
type Delays = Readonly<Record<string, (random: () => number) => number | undefined>>

/** Answers each request after the delay of its method. `pushEvery`: sends a message that is no reply this often, for a while. */
const serverOf = (delays: Delays, book: Book, { after, now }: Timing, pushEvery?: number): Behaviour => {
  const generator = new PCGRandom(7)
  const random = () => generator.number()
  const send = (peer: Peer, message: object) => {
    book.sent++
    peer.send(JSON.stringify(message))
  }
  return (peer) => {
    book.opened = now()
    for (let push = 0; pushEvery !== undefined && push < 50; push++) {
      after(push * pushEvery, () => send(peer, { event: push }))
    }
    peer.onMessage = (message) => {
      const came = now()
      book.received++
      const { id, method } = JSON.parse(String(message)) as Request
      const delay = delays[method]?.(random)
      if (delay === undefined) return
      after(delay, () => {
        send(peer, { result: method, ...(id === undefined ? {} : { id }) })
        book.note(method, now() - came, now())
      })
    }
  }
}

const planOf = (text: string, changes: Partial<LoadPlan> = {}): LoadPlan =>
  plan(0, {
    scenario: Either.getOrThrow(ScenarioFile.parse("s.yaml", text)),
    ramp: { _tag: "Once" },
    clients: 4,
    ...changes
  })

/** Runs a scenario in simulated time, in which nothing but the server's delays takes time. */
const run = (text: string, delays: Delays, pushEvery?: number, changes: Partial<LoadPlan> = {}) =>
  Effect.gen(function* () {
    const clock = new VirtualClock()
    const book = new Book()
    const timing: Timing = {
      now: () => clock.unsafeCurrentTimeMillis(),
      after: (time, act) => clock.after(time, act)
    }
    const report = yield* Effect.flatMap(LocalRun.make(planOf(text, changes)), ({ report }) => report).pipe(
      clock.run,
      Effect.provide(MemoryDialer.layer(serverOf(delays, book, timing, pushEvery)))
    )
    return { report, book }
  })

/** The sample of this rank, counted on the book itself. */
const quantile = (sorted: ReadonlyArray<number>, q: number): number =>
  sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN

/** A histogram keeps 1 part in 1024, in whole microseconds. */
const agree = (histogram: Histogram | undefined, book: ReadonlyArray<number>) => {
  assert.strictEqual(histogram?.count, book.length)
  for (const q of [0.01, 0.5, 0.9, 0.99, 1]) {
    const expected = quantile(book, q)
    assert.approximately(histogram?.quantile(q) ?? Number.NaN, expected, expected / 500 + 0.002, `quantile ${q}`)
  }
}

const assertCounts = (report: Report.Report, book: Book) => {
  assert.deepStrictEqual(report.failures, [])
  assert.strictEqual(report.sent, book.received)
  assert.strictEqual(report.received, book.sent)
}

const sorted = (times: Iterable<number>): ReadonlyArray<number> => [...times].toSorted((a, b) => a - b)

const outOfOrder: Delays = { slow: (random) => 80 + 40 * random(), fast: (random) => 2 + 6 * random() }

describe("the figures of a run", () => {
  it.scopedLive(
    "the figures of a run are those of each request, by the key in request and reply, however the replies come",
    () =>
      Effect.gen(function* () {
        const text = `
replies: {key: $.id}
steps:
  - repeat:
      times: 50
      steps:
        - {name: slow, send: {json: {id: "s{{round}}", method: slow}}}
        - {name: fast, send: {json: {id: "f{{round}}", method: fast}}}
        - {expect: {json: {id: "s{{round}}"}, answers: slow}}
        - {expect: {json: {id: "f{{round}}"}, answers: fast}}
`
        const { book, report } = yield* run(text, outOfOrder)
        assertCounts(report, book)
        agree(report.named.times["step.slow"], book.of("slow"))
        agree(report.named.times["step.fast"], book.of("fast"))
        agree(
          report.roundTrip,
          [...book.of("slow"), ...book.of("fast")].toSorted((a, b) => a - b)
        )
        assert.strictEqual(report.unanswered, 0)
      })
  )

  it.scopedLive("the figures of a run are those of each request, by the name of its step, with pushes in between", () =>
    Effect.gen(function* () {
      const text = `
unmatched: ignore
steps:
  - repeat:
      times: 50
      steps:
        - {name: slow, send: {json: {method: slow}}}
        - {name: fast, send: {json: {method: fast}}}
        - {expect: {json: {result: slow}, answers: slow}}
        - {expect: {json: {result: fast}, answers: fast}}
`
      const { book, report } = yield* run(text, outOfOrder, 9)
      assertCounts(report, book)
      agree(report.named.times["step.slow"], book.of("slow"))
      agree(report.named.times["step.fast"], book.of("fast"))
      assert.strictEqual(report.unanswered, 0)
      assert.strictEqual(report.named.counts["unpaired"], 0)
    })
  )

  it.scopedLive("the figures of a run do not take a message that was sent before the request for its answer", () =>
    Effect.gen(function* () {
      const text = `
steps:
  - wait: 100ms
  - {send: {json: {method: slow}}}
  - {expect: {json: {event: 0}}}
  - {expect: {json: {result: slow}}}
`
      const { book, report } = yield* run(text, { slow: () => 50 }, 10_000)
      // The first push comes at once, and the second long after the conversation.
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.sent, book.received)
      agree(report.roundTrip, book.of("slow"))
    })
  )

  it.scopedLive(
    "the figures of a run do not shift when a message gets no reply: it is counted by its step, and said",
    () =>
      Effect.gen(function* () {
        const text = `
unmatched: ignore
steps:
  - {name: subscribe, send: {json: {method: lost}}}
  - repeat:
      times: 20
      steps:
        - {name: fast, send: {json: {method: fast}}}
        - {until: {json: {result: fast}, answers: fast}}
        - {wait: 30ms}
  - {switch: {answers: subscribe, cases: [{expect: {json: {event: 49}}, steps: [{wait: 1ms}]}]}}
`
        const { book, report } = yield* run(text, { ...outOfOrder, lost: () => undefined }, 15)
        agree(report.named.times["step.fast"], book.of("fast"))
        assert.strictEqual(report.unanswered, 0)
        const lost = yield* run(text.replace(/ {2}- \{switch.*\n/, ""), { ...outOfOrder, lost: () => undefined }, 15)
        agree(lost.report.named.times["step.fast"], lost.book.of("fast"))
        assert.strictEqual(lost.report.roundTrip.count, 80)
        assert.strictEqual(lost.report.unanswered, 4)
        assert.strictEqual(lost.report.named.counts["step.subscribe.unanswered"], 4)
        assert.include(Summary.render(lost.report), "4 messages got no reply: 4 of step.subscribe")
      })
  )

  it.scopedLive("the figures of a run count each loss at its step, and the time-out as the round trip until then", () =>
    Effect.gen(function* () {
      const text = `
timeout: 1s
steps:
  - {name: fast, send: {json: {method: fast}}}
  - {name: lossy, send: {json: {method: lossy}}}
  - {expect: {json: {result: lossy}, answers: lossy}}
  - {expect: {json: {result: fast}, answers: fast}}
`
      const lossy = (random: () => number) => (random() < 0.3 ? undefined : 10)
      const { book, report } = yield* run(text, { ...outOfOrder, lossy }, undefined, { clients: 40 })
      const lost = 40 - book.of("lossy").length
      assert.isAbove(lost, 0)
      assert.strictEqual(report.failed, lost)
      assert.strictEqual(report.named.counts["step.lossy.unanswered"], lost)
      agree(report.named.times["step.fast"], book.of("fast"))
      agree(report.named.times["step.lossy"], [...book.of("lossy"), ...Array.from({ length: lost }, () => 1000)])
    })
  )

  it.scopedLive(
    "the figures of a run have the rate of each step from when all clients are connected until the end of the duration",
    () =>
      Effect.gen(function* () {
        const text = `
replies: {key: $.id}
unmatched: ignore
steps:
  - repeat:
      steps:
        - {name: slow, send: {json: {id: "s{{round}}", method: slow}}}
        - {name: fast, send: {json: {id: "f{{round}}", method: fast}}}
        - {name: lossy, send: {json: {id: "l{{round}}", method: lossy}}}
        - {expect: {json: {id: "s{{round}}"}, answers: slow}}
        - {expect: {json: {id: "f{{round}}"}, answers: fast}}
  - {wait: 300ms}
`
        const lossy = (random: () => number) => (random() < 0.4 ? undefined : 30 * random())
        const ramp = { _tag: "Rate", perSecond: 2 } as const
        const { book, report } = yield* run(text, { ...outOfOrder, lossy }, 9, { clients: 6, ramp, duration: 2000 })
        const figures = Figures.of(report)
        // The clients connect for longer than the duration. What they do until all are connected is in no rate.
        assert.isAbove(book.opened, 2000)
        assert.strictEqual(book.answers.get("lossy")?.length, report.named.times["step.lossy"]?.count)
        assert.isAbove(report.named.counts["step.lossy.unanswered"] ?? 0, 0)
        for (const method of ["slow", "fast", "lossy"]) {
          const until = book.opened + report.load.time
          const inTime = (book.answers.get(method) ?? []).filter((at) => at > book.opened && at <= until).length
          assert.isAbove(inTime, 20)
          assert.isBelow(inTime, book.answers.get(method)?.length ?? 0)
          assert.strictEqual(figures.get(`step.${method}.rate`)?.value, (1000 * inTime) / report.load.time, method)
        }
        const all = [...book.answers.values()]
          .flat()
          .filter((at) => at > book.opened && at <= book.opened + report.load.time)
        assert.strictEqual(figures.get("rtt.rate")?.value, (1000 * all.length) / report.load.time)
        // The row of a second has what happened in it, and the rows together have everything.
        for (const [index, { second, times }] of report.seconds.entries()) {
          assert.strictEqual(second, index + 1)
          for (const method of ["slow", "fast", "lossy"]) {
            const inSecond = (book.answers.get(method) ?? []).filter((at) => Math.ceil(at / 1000) === second)
            const counted = times[`step.${method}`]?.counts.filter((_, place) => place % 2 === 1) ?? []
            const sum = counted.reduce((total, count) => total + count, 0)
            assert.strictEqual(sum, inSecond.length, `${method} in second ${second}`)
          }
        }
        const total = (of: "sent" | "received") => report.seconds.reduce((sum, row) => sum + row[of], 0)
        assert.deepStrictEqual([total("sent"), total("received")], [report.sent, report.received])
        agree(report.connect, [0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
        agree(report.handshake, [0.2, 0.2, 0.2, 0.2, 0.2, 0.2])
      })
  )

  it.scopedLive(
    "the figures of a run at a planned rate begin at the planned times, and the uncorrected ones when the server got the message",
    () =>
      Effect.gen(function* () {
        const clock = new VirtualClock()
        const RATE = 40
        const [planned, uncorrected]: [Array<number>, Array<number>] = [[], []]
        // It answers within 10 ms, but nothing from 1 s to 3 s, after which its clients are late for many rounds.
        const stalling: Behaviour = (peer) => {
          peer.onMessage = (message) => {
            const came = clock.unsafeCurrentTimeMillis()
            const [client = 0, round = 0] = JSON.parse(String(message)) as ReadonlyArray<number>
            const due = (((round - 1) * 4 + client - 1) * 1000) / RATE
            clock.after(came >= 1000 && came < 3000 ? 3000 - came : 1 + ((client * round) % 10), () => {
              const now = clock.unsafeCurrentTimeMillis()
              planned.push(now - due)
              uncorrected.push(now - came)
              peer.send(message)
            })
          }
        }
        const text = `steps: [{repeat: {steps: [{send: "[{{client}},{{round}}]"}, {expect: "[{{client}},{{round}}]"}]}}]`
        const load = planOf(text, { rate: RATE, duration: 5000 })
        const report = yield* Effect.flatMap(LocalRun.make(load), (run) => run.report).pipe(
          clock.run,
          Effect.provide(MemoryDialer.layer(stalling))
        )
        assert.deepStrictEqual(report.failures, [])
        assert.deepStrictEqual([report.planned, report.paced, report.sent, planned.length], [200, 200, 200, 200])
        assert.isAbove(quantile(sorted(planned), 0.7), quantile(sorted(uncorrected), 0.7) + 500)
        agree(report.roundTrip, sorted(planned))
        agree(report.uncorrected, sorted(uncorrected))
      })
  )

  it.scopedLive("the figures of each of several scenarios are those of its own requests", () =>
    Effect.gen(function* () {
      const text = (method: string) => `
name: ${method}
steps: [{repeat: {times: 20, steps: [{send: {json: {method: ${method}}}}, {expect: {json: {result: ${method}}}}]}}]
`
      const of = (method: string) => Either.getOrThrow(ScenarioFile.parse("s.yaml", text(method)))
      const scenarios = [
        { weight: 3, scenario: of("slow") },
        { weight: 1, scenario: of("fast") }
      ]
      const { book, report } = yield* run(text("slow"), outOfOrder, undefined, { clients: 8, scenarios })
      assertCounts(report, book)
      for (const [method, requests] of [
        ["slow", 120],
        ["fast", 40]
      ] as const) {
        assert.strictEqual(book.of(method).length, requests)
        agree(report.named.times[`scenario.${method}.rtt`], book.of(method))
        assert.strictEqual(report.named.counts[`scenario.${method}.sent`], requests)
        assert.strictEqual(report.named.counts[`scenario.${method}.received`], requests)
      }
    })
  )

  it.scopedLive("the figures of several processes together are those of each request to all of them", () =>
    Effect.gen(function* () {
      const text = `
replies: {key: $.id}
steps:
  - repeat:
      times: 30
      steps:
        - {name: slow, send: {json: {id: "s{{round}}", method: slow}}}
        - {name: fast, send: {json: {id: "f{{round}}", method: fast}}}
        - {expect: {json: {id: "s{{round}}"}, answers: slow}}
        - {expect: {json: {id: "f{{round}}"}, answers: fast}}
`
      const part = (index: number) =>
        run(text, { ...outOfOrder, slow: (random) => 50 * (1 + index) + 40 * random() }, undefined, {
          clients: 5,
          share: { index, of: 2 }
        })
      const parts = [yield* part(0), yield* part(1)]
      const both = parts.map(({ report }) => report).reduce(Report.merge)
      for (const method of ["slow", "fast"]) {
        const all = sorted(parts.flatMap(({ book }) => book.of(method)))
        assert.strictEqual(all.length, 150)
        agree(both.named.times[`step.${method}`], all)
        const rate = parts.reduce((sum, { book }) => sum + book.of(method).length, 0) / (both.load.time / 1000)
        assert.approximately(Figures.of(both).get(`step.${method}.rate`)?.value ?? 0, rate, 1e-9)
      }
      for (const of of ["sent", "received"] as const) {
        assert.strictEqual(both[of], 300)
        assert.strictEqual(
          both.seconds.reduce((sum, row) => sum + row[of], 0),
          300
        )
      }
    })
  )

  it.scopedLive("the figures of a run leave out replies that may answer several messages, and say how many", () =>
    Effect.gen(function* () {
      const text = `
steps:
  - {send: {json: {method: slow}}}
  - {send: {json: {method: fast}}}
  - {expect: {json: {result: fast}}}
  - {expect: {json: {result: slow}}}
  - {send: {json: {method: slow}}}
  - {expect: {json: {result: slow}}}
`
      const { book, report } = yield* run(text, { ...outOfOrder, slow: () => 100 })
      assertCounts(report, book)
      assert.strictEqual(report.named.counts["unpaired"], 8)
      agree(report.roundTrip, [100, 100, 100, 100])
      assert.include(Summary.render(report).join("\n"), "8 replies are in no round trip")
      const ordered = yield* run(`replies: in-order${text}`, { ...outOfOrder, slow: () => 1, fast: () => 1 })
      assert.strictEqual(ordered.report.failed, 4)
    })
  )

  it.scopedLive("pair first in, first out if the scenario says so", () =>
    Effect.gen(function* () {
      const text = `
replies: in-order
steps:
  - repeat:
      times: 25
      steps:
        - {send: {json: {method: slow}}}
        - {send: {json: {method: slow}}}
        - {expect: {any: true}}
        - {expect: {any: true}}
`
      const generator = new PCGRandom(3)
      // A queue of one worker: an answer never overtakes another.
      let last = 0
      const { book, report } = yield* run(
        text,
        { slow: () => (last = 20 + (last % 7) + generator.number()) },
        undefined,
        {
          clients: 1
        }
      )
      assertCounts(report, book)
      assert.strictEqual(report.roundTrip.count, 50)
      assert.approximately(report.roundTrip.mean, book.of("slow").reduce((a, b) => a + b) / 50, 0.01)
    })
  )

  it.scopedLive(
    "the figures of a run over sockets have every request of the server, and no time shorter than the server's own",
    () =>
      Effect.gen(function* () {
        const text = `
replies: {key: $.id}
unmatched: ignore
steps:
  - repeat:
      times: 20
      steps:
        - {name: slow, send: {json: {id: "s{{round}}", method: slow}}}
        - {name: fast, send: {json: {id: "f{{round}}", method: fast}}}
        - {expect: {json: {id: "s{{round}}"}, answers: slow}}
        - {expect: {json: {id: "f{{round}}"}, answers: fast}}
`
        const book = new Book()
        const timing: Timing = { now: () => performance.now(), after: (time, act) => void setTimeout(act, time) }
        const { url } = yield* WsServer.serve(serverOf(outOfOrder, book, timing, 5))
        const report = yield* Effect.flatMap(LocalRun.make(planOf(text, { urls: [url] })), (run) => run.report)
        assert.deepStrictEqual(report.failures, [])
        assert.strictEqual(report.sent, book.received)
        for (const method of ["slow", "fast"]) {
          const measured = report.named.times[`step.${method}`]
          assert.strictEqual(measured?.count, 80)
          for (const q of [0.01, 0.5, 0.99, 1]) {
            const own = quantile(book.of(method), q)
            assert.isAtLeast((measured?.quantile(q) ?? 0) * 1.002 + 0.05, own, `${method} ${q}`)
          }
        }
      }).pipe(Effect.provide(WebSocketDialer.layer))
  )
})

describe("a scenario whose replies can't be paired", () => {
  const refusals: ReadonlyArray<readonly [text: string, words: string]> = [
    [
      "steps:\n  - {name: a, send: x}\n  - expect: {any: true, answers: b}",
      "s.yaml:3: steps[2].expect.answers: expected the name of a send that gets a reply, but found b: the names are a"
    ],
    ["steps:\n  - send: x\n  - until: {any: true, answers: b}", "s.yaml:3: steps[2].until.answers: expected the name"],
    [
      "steps:\n  - {name: a, send: {text: x, answered: false}}\n  - expect: {any: true, answers: a}",
      "but found a: no send has a name"
    ],
    [
      "steps:\n  - {name: a, send: x}\n  - expect: {any: true, answers: a}\n    name: a",
      "s.yaml:4: steps[2].name: step.a is the time until the reply to the send of this name"
    ],
    ["replies: {key: id}\nsteps: [{send: x}]", "s.yaml:1: replies"]
  ]
  it.each(refusals)("a scenario whose replies can't be paired is refused with its line: %j", (text, words) => {
    assert.include(Either.getOrThrow(Either.flip(ScenarioFile.parse("s.yaml", text))), words)
  })
})
