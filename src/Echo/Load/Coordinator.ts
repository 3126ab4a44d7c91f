/** Leads a run of several members: processes of this machine or agents on others. Gives each its share, and merges the results. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Count from "../../Text/Count.ts"
import * as Report from "../Measure/Report.ts"
import * as TimeSeries from "../Measure/TimeSeries.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import { shareOf } from "../Scenario/LoadPlan.ts"
import { type LoadRun, type LoadSnapshot, type PlanError, type Steering, snapshots } from "./LoadRun.ts"
import { compile } from "./LocalRun.ts"
import * as Scripts from "./Scripts.ts"
import type { FromWorker, ToWorker } from "./WorkerMessage.ts"

/** A process or an agent that runs a share of a plan. */
export interface Member {
  /** The name for messages: `process 2 of 3`. */
  readonly name: string
  /** Sends the member a message. Does nothing if the member has ended. */
  readonly post: (message: ToWorker) => void
  readonly kill: () => void
}

/** A message from a member, or the news that it died. */
type Word = FromWorker | { readonly _tag: "Died"; readonly how: string }

/** How long a member that must end may take. Then it is killed. */
const END_TIMEOUT = "3 seconds"

interface Part {
  readonly member: Member
  readonly plan: LoadPlan
  snapshot: LoadSnapshot
  seconds: ReadonlyArray<TimeSeries.Second>
  report: Report.Report | undefined
  ready: boolean
  opened: boolean
}

const unstarted = (plan: LoadPlan): LoadSnapshot => ({
  ...snapshots.empty,
  clients: shareOf(plan),
  waiting: shareOf(plan)
})

/** The report of a member that died, from its last progress message. */
const lost = (part: Part, how: string): Report.Report => {
  const { clients, completed, elapsed, failed, failures, peak, received, sent, started, waiting } = part.snapshot
  const line = `${part.member.name} died (${how}): ${Count.format(started - completed - failed)} of its ${Count.format(clients)} clients were in conversation, and its latencies are lost`
  return {
    ...Report.emptyReport,
    ...{ clients, completed, elapsed, failed, failures, peak, received, sent, started },
    cut: started - completed - failed,
    notStarted: waiting,
    lostProcesses: [line]
  }
}

class Coordinator {
  readonly #parts: ReadonlyArray<Part>
  readonly #ended: () => void
  /** The seconds that all parts have reported. */
  readonly #rows = new TimeSeries.SeriesRows()
  #started = false
  #peak = 0

  constructor(parts: ReadonlyArray<Part>, ended: () => void) {
    this.#parts = parts
    this.#ended = ended
  }

  readonly snapshot = (): LoadSnapshot => {
    const total = this.#parts.map((part) => part.snapshot).reduce(snapshots.combine)
    this.#peak = Math.max(this.#peak, total.open)
    return { ...total, peak: this.#peak }
  }

  readonly seconds = (after: number): ReadonlyArray<TimeSeries.Second> => {
    this.#join()
    return this.#rows.since(after)
  }

  /** Adds the seconds that all parts have reported by now. Each part keeps the last of them, which says what state it was in. */
  #join(): void {
    const known = TimeSeries.knownToAll(
      this.#parts.map(({ report, seconds }) => ({ seconds, ended: report !== undefined })),
      this.#rows.last?.second ?? 0
    )
    const last = known.at(-1)?.second
    if (last === undefined) return
    for (const row of known) this.#rows.add(row)
    for (const part of this.#parts) {
      const before = part.seconds.findLast(({ second }) => second <= last)
      part.seconds = [...(before === undefined ? [] : [before]), ...TimeSeries.since(part.seconds, last)]
    }
  }

  get report(): Report.Report {
    const reports = this.#parts.map((part) => part.report ?? Report.emptyReport)
    const report = reports.reduce(Report.merge)
    // A short run may have had no snapshot while its clients were connected. At least the most of one member were, at once.
    const peak = Math.max(this.snapshot().peak, ...reports.map((one) => one.peak))
    return { ...report, peak, seconds: this.seconds(report.warmUpUntil) }
  }

  /** Stops or aborts the run. A run that has not begun ends without beginning. */
  end(how: "Stop" | "Abort"): void {
    if (this.#started) return this.#post({ _tag: how })
    this.#started = true
    for (const part of this.#parts) {
      const { clients } = part.snapshot
      this.#settle(part, { ...Report.emptyReport, clients, notStarted: clients, interrupted: true })
    }
  }

  /** A run that has not begun can't be steered. */
  steer(to: Steering): void {
    if (this.#started) this.#post({ _tag: "Steer", to })
  }

  kill(): void {
    for (const part of this.#parts) part.member.kill()
  }

  hear(part: Part, word: Word): void {
    switch (word._tag) {
      case "Ready":
        part.ready = true
        return this.#startWhenReady()
      case "Opened":
        part.opened = true
        return this.#beginWhenOpen()
      case "Progress":
        part.snapshot = word.snapshot
        part.seconds = [...part.seconds, ...word.seconds]
        this.snapshot()
        return
      case "Done":
        return this.#settle(part, word.report)
      case "Died":
        if (part.report === undefined) this.#settle(part, lost(part, word.how))
    }
  }

  /** All members start at the same time, so that their seconds can be added. */
  #startWhenReady(): void {
    if (this.#started || !this.#parts.every((part) => part.ready || part.report !== undefined)) return
    this.#started = true
    for (const part of this.#parts) this.#postTo(part, { _tag: "Start", plan: part.plan })
  }

  #beginWhenOpen(): void {
    if (this.#parts.every((part) => part.opened)) this.#post({ _tag: "Begin" })
  }

  #post(message: ToWorker): void {
    for (const part of this.#parts) this.#postTo(part, message)
  }

  #settle(part: Part, report: Report.Report): void {
    part.report = report
    part.snapshot = { ...part.snapshot, connecting: 0, open: 0, away: 0, waiting: 0 }
    if (!part.opened) {
      part.opened = true
      this.#beginWhenOpen()
    }
    if (!part.ready) this.#startWhenReady()
    if (this.#parts.every((other) => other.report !== undefined)) this.#ended()
  }

  #postTo(part: Part, message: ToWorker): void {
    if (part.report === undefined) part.member.post(message)
  }
}

/** Starts a member for a share of the plan. It calls `hear` with each message from the member, in order. */
export type Enlist<E, R> = (own: LoadPlan, index: number, hear: (word: Word) => void) => Effect.Effect<Member, E, R>

/** Starts a run of `size` members, each with its share of the clients. Their results are merged without loss. */
export const lead = Effect.fn("Coordinator.lead")(function* <E, R>(
  plan: LoadPlan,
  size: number,
  enlist: Enlist<E, R>
): Effect.fn.Return<LoadRun, E | PlanError, R | Scope.Scope> {
  yield* compile(plan)
  yield* Scripts.make(plan)
  const scope = yield* Effect.scope
  const words = yield* Mailbox.make<readonly [index: number, Word]>()
  const parts = yield* Effect.forEach(Array.from({ length: size }), (_, index) => {
    const own: LoadPlan = { ...plan, share: { index, of: size } }
    return Effect.map(
      enlist(own, index, (word) => words.unsafeOffer([index, word])),
      (member): Part => ({
        ...{ member, plan: own, snapshot: unstarted(own), seconds: [] },
        ...{ report: undefined, ready: false, opened: false }
      })
    )
  })
  const ended = yield* Deferred.make<void>()
  const coordinator = new Coordinator(parts, () => Deferred.unsafeDone(ended, Effect.void))
  yield* Mailbox.toStream(words).pipe(
    Stream.runForEach(([index, word]) => Effect.sync(() => coordinator.hear(parts[index]!, word))),
    Effect.forkScoped
  )
  return {
    unsafeSnapshot: coordinator.snapshot,
    unsafeSeconds: coordinator.seconds,
    steer: (to) => Effect.sync(() => coordinator.steer(to)),
    stop: Effect.sync(() => coordinator.end("Stop")),
    abort: Effect.zipRight(
      Effect.sync(() => coordinator.end("Abort")),
      Effect.forkIn(
        Effect.delay(
          Effect.sync(() => coordinator.kill()),
          END_TIMEOUT
        ),
        scope
      )
    ),
    report: Effect.zipRight(
      Deferred.await(ended),
      Effect.sync(() => coordinator.report)
    )
  }
})
