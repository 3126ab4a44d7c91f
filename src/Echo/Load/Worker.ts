import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Dialer } from "./Dialer.ts"
import type { LoadRun, PlanError } from "./LoadRun.ts"
import * as LocalRun from "./LocalRun.ts"
import { decodeToWorker, encodeFromWorker, type FromWorker, type ToWorker } from "./WorkerMessage.ts"

/** This environment variable marks a process that `Workers.ts` started. The command line of such a process is ignored. */
export const ENVIRONMENT = "EFFECT_C10K_ECHO_WORKER"

export const isWorker = (): boolean => process.env[ENVIRONMENT] !== undefined && process.send !== undefined

const postToLeader = (message: FromWorker): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (!process.connected) return resume(Effect.void)
    process.send?.(encodeFromWorker(message), () => resume(Effect.void))
  })

/** The messages of the leading process. Ends when that process ends. */
const ordersOfProcess = Effect.gen(function* () {
  const mailbox = yield* Mailbox.make<ToWorker>()
  const onMessage = (message: unknown) => mailbox.unsafeOffer(decodeToWorker(message))
  const onDisconnect = () => mailbox.unsafeOffer({ _tag: "Abort" })
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      process.on("message", onMessage)
      process.on("disconnect", onDisconnect)
      // The leading process may have died while this one was loading.
      if (!process.connected) onDisconnect()
    }),
    () =>
      Effect.sync(() => {
        process.off("message", onMessage)
        process.off("disconnect", onDisconnect)
        if (process.connected) process.disconnect()
      })
  )
  return mailbox
})

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

const start = Effect.fn("Worker.start")(function* (plan: LoadPlan, begin: { now: () => void }, { post }: Leader) {
  const fork = Runtime.runFork(yield* Effect.runtime())
  return yield* LocalRun.make(plan, (go) => {
    begin.now = go
    fork(post({ _tag: "Opened" }))
  })
})

/** Waits for a share of a plan and runs it. Sends the leader the progress and, at the end, the report. */
export const serve = Effect.fn("Worker.serve")(function* (
  leader: Leader
): Effect.fn.Return<void, PlanError, Dialer | Scope.Scope> {
  const { orders, post } = leader
  yield* post({ _tag: "Ready" })
  const first = yield* Effect.orDie(orders.take)
  if (first._tag !== "Start") return
  const begin = { now: () => {} }
  const run = yield* start(first.plan, begin, leader)
  const obey = (order: ToWorker): Effect.Effect<void> => {
    switch (order._tag) {
      case "Begin":
        return Effect.sync(begin.now)
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

/** Runs one process of a run in several processes. */
export const run: Effect.Effect<void, PlanError, Dialer> = ordersOfProcess.pipe(
  Effect.flatMap((orders) => serve({ orders, post: postToLeader })),
  Effect.scoped
)
