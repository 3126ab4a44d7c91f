/** A member of a run in several processes, on this machine or on others: it runs its share as the leader says. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Dialer } from "./Dialer.ts"
import type { LoadRun, PlanError } from "./LoadRun.ts"
import * as LocalRun from "./LocalRun.ts"
import type { FromWorker, ToWorker } from "./WorkerMessage.ts"

/** The leader of the run: its messages, and how to answer. */
export interface Leader {
  readonly orders: Mailbox.ReadonlyMailbox<ToWorker>
  readonly post: (message: FromWorker) => Effect.Effect<void>
}

const reportProgress = (run: LoadRun, { post }: Leader) => {
  let posted = 0
  return Effect.suspend(() => {
    const seconds = run.unsafeSeconds(posted)
    posted = seconds.at(-1)?.second ?? posted
    return post({ _tag: "Progress", snapshot: run.unsafeSnapshot(), seconds })
  })
}

/** Waits for a share of a plan and runs it. Sends the leader the progress and, at the end, the report. */
export const serve = Effect.fn("Worker.serve")(function* (
  leader: Leader
): Effect.fn.Return<void, PlanError, Dialer | Scope.Scope> {
  const { orders, post } = leader
  yield* post({ _tag: "Ready" })
  const first = yield* Effect.orDie(orders.take)
  if (first._tag !== "Start") return
  let begin = () => {}
  const fork = Runtime.runFork(yield* Effect.runtime())
  const run = yield* LocalRun.make(first.plan, (go) => {
    begin = go
    fork(post({ _tag: "Opened" }))
  })
  const obey = (order: ToWorker): Effect.Effect<void> => {
    switch (order._tag) {
      case "Begin":
        return Effect.sync(() => begin())
      case "Steer":
        return run.steer(order.to)
      case "Stop":
        return run.stop
      case "Abort":
        return run.abort
      case "Start":
        return Effect.void
    }
  }
  yield* Effect.forkScoped(Stream.runForEach(Mailbox.toStream(orders), obey))
  const progress = reportProgress(run, leader)
  const posting = yield* progress.pipe(Effect.delay("100 millis"), Effect.forever, Effect.forkScoped)
  const report = yield* run.report
  yield* Fiber.interrupt(posting)
  yield* progress
  yield* post({ _tag: "Done", report: { ...report, seconds: [] } })
})
