import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { CutHistogram } from "../Measure/Histogram.ts"
import * as LoopDelay from "../Measure/LoopDelay.ts"
import type { Report } from "../Measure/Report.ts"
import { SecondBySecond } from "../Measure/SecondBySecond.ts"
import { type LoadPlan, scenariosOf } from "../Scenario/LoadPlan.ts"
import * as Program from "../Scenario/Program.ts"
import { placesOf } from "../Scenario/Steps.ts"
import { Dialer, type Volume } from "./Dialer.ts"
import type { RequesterOf } from "./HttpRequests.ts"
import { type LoadRun, type LoadSnapshot, PlanError } from "./LoadRun.ts"
import * as Scripts from "./Scripts.ts"
import * as Timers from "./Timers.ts"
import { Trace } from "./Trace.ts"
import { VirtualUsers, type VirtualUsersOptions } from "./VirtualUsers.ts"

/** Milliseconds between two checks of the deadlines in a closed model. Deadlines in between are late, so that one timer serves many. */
const CLOSED_RESOLUTION = 5
const OPEN_RESOLUTION = 1

type Programs = ReadonlyArray<Program.Program>

const SENDS =
  "--rate needs the same number of messages per round in the open-ended repeats of all scenarios, but these differ"

/** The reason why a plan can't be run, and the place of the step because of which, in the scenario with this index. */
export interface Misplanned {
  readonly message: string
  readonly scenario: number
  readonly path: ReadonlyArray<PropertyKey>
}

/** Compiles each scenario of a plan. On the left: the first that can't be run. */
export const tryCompile = (plan: LoadPlan): Either.Either<Programs, Misplanned> => {
  const options: Program.Options = {
    timeout: plan.timeout,
    paced: plan.rate !== undefined,
    lasts: plan.duration !== undefined,
    isOnce: plan.isOnce,
    files: new Map(
      Object.entries(plan.files).map(([name, content]) => [
        name,
        "text" in content ? content.text : Buffer.from(content.base64, "base64")
      ])
    )
  }
  const compiled = scenariosOf(plan).map(({ scenario }, index) =>
    Either.mapLeft(
      Program.compile(scenario, options),
      ({ message, step }): Misplanned => ({
        message: plan.scenarios === undefined ? message : `scenario ${scenario.name}: ${message}`,
        scenario: index,
        path: placesOf(scenario.steps, ["steps"]).find(([, each]) => each === step)?.[0] ?? ["steps"]
      })
    )
  )
  return Either.filterOrLeft(
    Either.all(compiled),
    (programs) => !options.paced || new Set(programs.map(({ openEnded }) => openEnded?.sends)).size === 1,
    (): Misplanned => ({ message: SENDS, scenario: 0, path: ["steps"] })
  )
}

export const compile = (plan: LoadPlan): Either.Either<Programs, PlanError> =>
  Either.mapLeft(tryCompile(plan), ({ message }) => new PlanError({ message }))

const snapshotOf = (users: VirtualUsers): LoadSnapshot => {
  const { away, completed, connecting, failed, open, peak, received, sent, started } = users.recorder
  return {
    elapsed: users.now(),
    clients: users.clients.wanted,
    rate: users.schedule.rate,
    waiting: users.waiting,
    ...{ connecting, open, away, peak, started, completed, failed, sent, received },
    failures: users.recorder.failures.groups,
    stopped: users.isStopped
  }
}

const reportOf = (
  users: VirtualUsers,
  series: SecondBySecond,
  loop: CutHistogram,
  wire: Report["wire"],
  cpu: NodeJS.CpuUsage
): Report => {
  const elapsed = users.now()
  const { completed, connect, cut, failed, failures, handshake, paced, peak, received } = users.recorder
  const { sent, started, unanswered, uncorrected } = users.recorder
  const used = process.cpuUsage(cpu)
  series.finish(elapsed)
  return {
    ...{ elapsed, peak, started, completed, failed, cut, sent, received, unanswered, paced },
    ...{ connect, handshake, uncorrected, wire },
    compression: users.recorder.compression?.compression,
    named: users.recorder.named.named,
    clients: users.clients.count,
    notStarted: users.notStarted,
    planned: users.schedule.planned,
    load: users.schedule.window.load(elapsed),
    roundTrip: users.recorder.roundTrip.all,
    loopDelay: loop.all,
    processes: 1,
    cpu: (used.user + used.system) / 1e6,
    memory: process.resourceUsage().maxRSS * 1024,
    failures: failures.groups,
    seconds: series.rows.since(series.warmUpUntil),
    warmUpUntil: series.warmUpUntil,
    interrupted: users.isStopped,
    lostProcesses: []
  }
}

/** The bytes of a network since its counts were those of `before`. */
const bytesSince = (before: Volume, now: Volume): Report["wire"] => ({
  sent: now.bytesSent - before.bytesSent,
  received: now.bytesReceived - before.bytesReceived
})

const unused: RequesterOf = () => () => () => {}

/** Loads the HTTP client only if a scenario uses it. */
const requestersOf = (plan: LoadPlan, programs: Programs): Effect.Effect<RequesterOf, never, Scope.Scope> =>
  programs.some(({ requests }) => requests)
    ? Effect.flatMap(
        Effect.promise(() => import("./HttpRequests.ts")),
        ({ make }) => make(plan)
      )
    : Effect.succeed(unused)

/** Starts a load test in this process. Closing the scope aborts it. `report` waits until it ends by itself. */
export const make = Effect.fn("LocalRun.make")(function* (
  plan: LoadPlan,
  /** Called when all clients have opened or failed. The load begins when it calls `begin`: by default at once. */
  onOpened: (begin: () => void) => void = (begin) => begin(),
  onSettled?: VirtualUsersOptions["onSettled"]
): Effect.fn.Return<LoadRun, PlanError, Dialer | Scope.Scope> {
  const programs = yield* compile(plan)
  const ended = yield* Deferred.make<void>()
  const loop = yield* LoopDelay.make
  const cpu = process.cpuUsage()
  const dialer = yield* Dialer
  let warm = { ...dialer.volume }
  const trace = Option.getOrUndefined(yield* Effect.serviceOption(Trace))
  const requesterOf = yield* requestersOf(plan, programs)
  const scripts = yield* Scripts.make(plan)
  const players = yield* Scripts.players(plan)
  const { deadlines, now } = yield* Timers.make(plan.rate === undefined ? CLOSED_RESOLUTION : OPEN_RESOLUTION)
  const users = new VirtualUsers({
    ...{ plan, programs, dialer, trace, requesterOf, scripts, players, timers: deadlines, now, onOpened, onSettled },
    onWarm: () => {
      series.restart(now())
      warm = { ...dialer.volume }
    },
    onEnd: () => Deferred.unsafeDone(ended, Effect.void)
  })
  yield* Effect.addFinalizer(() => Effect.sync(() => users.abort()))
  const series = new SecondBySecond(users.recorder, loop)
  const nextSecond = Effect.suspend(() => Effect.sleep(SecondBySecond.untilNext(now())))
  yield* Effect.forkScoped(Effect.forever(Effect.map(nextSecond, () => series.tick(now()))))
  users.start()
  return {
    unsafeSnapshot: () => snapshotOf(users),
    unsafeSeconds: (after) => series.rows.since(after),
    steer: (to) =>
      Effect.sync(() => ("rate" in to ? users.schedule.changeRate(to.rate) : users.changeClients(to.clients))),
    stop: Effect.sync(() => users.stop()),
    abort: Effect.sync(() => users.abort()),
    report: Effect.zipRight(
      Deferred.await(ended),
      Effect.sync(() => reportOf(users, series, loop, bytesSince(warm, dialer.volume), cpu))
    )
  }
})
