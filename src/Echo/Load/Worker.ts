import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Dialer } from "./Dialer.ts"
import type { LoadRun, PlanError } from "./LoadRun.ts"
import * as LocalRun from "./LocalRun.ts"
import { decodeToWorker, encodeFromWorker, type FromWorker, type ToWorker } from "./WorkerMessage.ts"

/** Marks a process that `Workers.ts` started; the command line of such a process is not looked at. */
export const ENVIRONMENT = "EFFECT_C10K_ECHO_WORKER"

export const isWorker = (): boolean => process.env[ENVIRONMENT] !== undefined && process.send !== undefined

const tell = (message: FromWorker): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (!process.connected) return resume(Effect.void)
    process.send?.(encodeFromWorker(message), () => resume(Effect.void))
  })

/** What the leading process says; ends when that process does. */
const orders = Effect.gen(function* () {
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

const reportProgress = (run: LoadRun) => {
  let told = 0
  return Effect.suspend(() => {
    const seconds = run.unsafeSeconds(told)
    told = seconds.at(-1)?.second ?? told
    return tell({ _tag: "Progress", snapshot: run.unsafeSnapshot(), seconds })
  })
}

const start = Effect.fn("Worker.start")(function* (plan: LoadPlan, begin: { now: () => void }) {
  const fork = Runtime.runFork(yield* Effect.runtime())
  return yield* LocalRun.make(plan, (go) => {
    begin.now = go
    fork(tell({ _tag: "Opened" }))
  })
})

/** A process of a run in several: runs the share that it is given, tells how it goes, and its report at the end. */
export const run: Effect.Effect<void, PlanError, Dialer> = Effect.gen(function* () {
  const mailbox = yield* orders
  yield* tell({ _tag: "Ready" })
  const first = yield* Effect.orDie(mailbox.take)
  if (first._tag !== "Start") return
  const begin = { now: () => {} }
  const run = yield* start(first.plan, begin)
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
  yield* Effect.forkScoped(Stream.runForEach(Mailbox.toStream(mailbox), obey))
  const progress = reportProgress(run)
  const telling = yield* progress.pipe(Effect.delay("100 millis"), Effect.forever, Effect.forkScoped)
  const report = yield* run.report
  yield* Fiber.interrupt(telling)
  yield* progress
  yield* tell({ _tag: "Done", report: { ...report, seconds: [] } })
}).pipe(Effect.scoped)
