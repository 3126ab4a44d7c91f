import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { PCGRandom } from "effect/Utils"
import * as LoopDelay from "../Measure/LoopDelay.ts"
import { Recorder } from "../Measure/Recorder.ts"
import type { Report } from "../Measure/Report.ts"
import { SecondBySecond } from "../Measure/SecondBySecond.ts"
import * as TimeSeries from "../Measure/TimeSeries.ts"
import * as LoadPlan from "../Scenario/LoadPlan.ts"
import * as Program from "../Scenario/Program.ts"
import * as Ramp from "../Scenario/Ramp.ts"
import * as Alarm from "./Alarm.ts"
import { Client, type Host } from "./Client.ts"
import { DeadlineHeap } from "./DeadlineHeap.ts"
import { Dialer } from "./Dialer.ts"
import { type LoadRun, PlanError, type Snapshot } from "./LoadRun.ts"
import { SendPlan } from "./SendPlan.ts"
import * as Targets from "./Targets.ts"

/** Milliseconds between two looks at the deadlines: what is due in between waits, so that one timer serves many. */
const CLOSED_RESOLUTION = 5
const OPEN_RESOLUTION = 1

/** The program of a plan, or why there is none. */
export const compile = (plan: LoadPlan.LoadPlan): Either.Either<Program.Program, PlanError> =>
  Program.compile(plan.scenario, {
    timeout: plan.timeout,
    paced: plan.rate !== undefined,
    lasts: plan.duration !== undefined,
    files: new Map(
      Object.entries(plan.files).map(([name, content]) => [
        name,
        "text" in content ? content.text : Buffer.from(content.base64, "base64")
      ])
    )
  }).pipe(Either.mapLeft((message) => new PlanError({ message })))

/** The clients of one process and what moves them: their deadlines, the plan of sending, the end of the load. */
class Population implements Host {
  readonly program: Program.Program
  readonly timers: DeadlineHeap<Client>
  readonly recorder: Recorder
  readonly now: () => number
  readonly random: () => number
  readonly dial: Host["dial"]
  readonly numbers: ReadonlyArray<number>
  notStarted = 0
  #again = 0
  #stopped = false
  /** When the load ends; unknown until every client has opened. */
  #end = Infinity
  #yetToOpen: Set<Client> | undefined
  readonly #clients = new Set<Client>()
  readonly #plan: LoadPlan.LoadPlan
  readonly #sends: SendPlan | undefined
  readonly #onOpened: (begin: () => void) => void
  readonly #onEnd: () => void

  constructor(options: {
    readonly plan: LoadPlan.LoadPlan
    readonly program: Program.Program
    readonly dialer: typeof Dialer.Service
    readonly now: () => number
    readonly onFirst: (deadline: number) => void
    readonly onOpened: (begin: () => void) => void
    readonly onEnd: () => void
  }) {
    const { dialer, now, onEnd, onFirst, onOpened, plan, program } = options
    this.#plan = plan
    this.#onOpened = onOpened
    this.#onEnd = onEnd
    this.program = program
    this.now = now
    this.timers = new DeadlineHeap(onFirst)
    this.recorder = new Recorder(plan.rate !== undefined)
    const random = new PCGRandom(plan.seed, plan.share.index)
    this.random = () => random.number()
    const targetOf = Targets.make(plan, program.timeout)
    this.dial = (client) => dialer.unsafeDial(targetOf(client), client)
    this.numbers = LoadPlan.clientsOf(plan)
    if (plan.rate !== undefined && program.openEnded !== undefined) {
      this.#sends = new SendPlan({ rate: plan.rate, sends: program.openEnded.sends, clients: plan.clients })
    }
  }

  start(): void {
    const times = Ramp.startTimes(this.#plan.ramp, this.#plan.clients, this.#plan.seed)
    const now = this.now()
    for (const number of this.numbers) this.#add(number, now + times[number - 1]!)
    this.#yetToOpen = new Set(this.#clients)
    if (this.#clients.size === 0) this.#onEnd()
  }

  readonly ring = (): void => {
    const now = this.now()
    for (let client = this.timers.take(now); client !== undefined; client = this.timers.take(now)) client.onDeadline()
  }

  readonly nextRound = (client: Client): number =>
    this.#sends === undefined ? 0 : Math.min(this.#sends.next(client.client), this.#end)

  readonly isOver = (): boolean => this.now() >= this.#end

  readonly opened = (client: Client): void => {
    if (this.#yetToOpen === undefined || !this.#yetToOpen.delete(client) || this.#yetToOpen.size > 0) return
    this.#yetToOpen = undefined
    this.#onOpened(() => this.#begin())
  }

  readonly settled: Host["settled"] = (client, failure) => {
    this.#clients.delete(client)
    if (failure !== undefined) this.recorder.failures.add(failure, client.client, this.now())
    else if (this.#startsAgain) {
      this.#again++
      this.#add(client.client, this.now())
    }
    this.opened(client)
    if (this.#clients.size === 0) this.#onEnd()
  }

  /** Clients that have not begun to connect. */
  get waiting(): number {
    return this.numbers.length + this.#again - this.notStarted - this.recorder.started
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  /** Messages that the plan called for until now. */
  get planned(): number | undefined {
    const rounds = this.#sends?.roundsUntil(Math.min(this.now(), this.#end), this.numbers)
    return rounds === undefined ? undefined : rounds * (this.program.openEnded?.sends ?? 0)
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#end = Math.min(this.#end, this.now())
    for (const client of this.#clients) {
      if (client.isWaiting) {
        this.timers.clear(client)
        this.#clients.delete(client)
        this.notStarted++
      } else client.wake()
    }
    if (this.#clients.size === 0) this.#onEnd()
  }

  abort(): void {
    if (this.#clients.size === 0) return
    this.stop()
    for (const client of this.#clients) client.cut()
    this.#clients.clear()
    this.#onEnd()
  }

  /** With a duration and a conversation that ends, a client holds it again and again. */
  get #startsAgain(): boolean {
    return this.#plan.duration !== undefined && this.program.openEnded === undefined && !this.isOver()
  }

  #add(number: number, at: number): void {
    const client = new Client(number, this)
    this.#clients.add(client)
    this.timers.set(client, at)
  }

  /** Every client has opened, or failed to: the planned load begins, and the duration of any. */
  #begin(): void {
    const now = this.now()
    if (!this.#stopped && this.#plan.duration !== undefined) this.#end = now + this.#plan.duration
    this.#sends?.begin(now)
    if (this.#sends !== undefined) for (const client of this.#clients) client.wake()
  }
}

/** Starts a load test in this process. It ends with its scope; `report` waits for it to end by itself. */
export const make = Effect.fn("LocalRun.make")(function* (
  plan: LoadPlan.LoadPlan,
  /** Told once all clients have opened; begins the load when `begin` is called, at once where there is one process. */
  onOpened: (begin: () => void) => void = (begin) => begin()
): Effect.fn.Return<LoadRun, PlanError, Dialer | Scope.Scope> {
  const program = yield* compile(plan)
  const dialer = yield* Dialer
  const ended = yield* Deferred.make<void>()
  const resolution = plan.rate === undefined ? CLOSED_RESOLUTION : OPEN_RESOLUTION
  let ringing = false
  const alarm = yield* Alarm.make(resolution, () => {
    ringing = true
    population.ring()
    ringing = false
    alarm.unsafeSet(Math.max(population.timers.next, alarm.unsafeNow() + resolution))
  })
  const population: Population = new Population({
    plan,
    program,
    dialer,
    now: alarm.unsafeNow,
    onFirst: (deadline) => {
      if (!ringing) alarm.unsafeSet(deadline)
    },
    onOpened,
    onEnd: () => Deferred.unsafeDone(ended, Effect.void)
  })
  const { recorder } = population
  const loop = yield* LoopDelay.make
  const cpu = process.cpuUsage()
  const series = new SecondBySecond(recorder, loop)
  yield* Effect.addFinalizer(() => Effect.sync(() => population.abort()))
  population.start()
  const tick = Effect.sync(() => series.tick(alarm.unsafeNow()))
  yield* Effect.forkScoped(Effect.delay(Effect.repeat(tick, Schedule.fixed("1 second")), "1 second"))

  const unsafeSnapshot = (): Snapshot => ({
    elapsed: alarm.unsafeNow(),
    clients: population.numbers.length,
    waiting: population.waiting,
    connecting: recorder.connecting,
    open: recorder.open,
    peak: recorder.peak,
    started: recorder.started,
    completed: recorder.completed,
    failed: recorder.failed,
    sent: recorder.sent,
    received: recorder.received,
    failures: recorder.failures.groups,
    stopped: population.isStopped
  })

  const report = Effect.sync((): Report => {
    series.tick(alarm.unsafeNow())
    const used = process.cpuUsage(cpu)
    return {
      clients: population.numbers.length,
      elapsed: alarm.unsafeNow(),
      peak: recorder.peak,
      started: recorder.started,
      completed: recorder.completed,
      failed: recorder.failed,
      cut: recorder.cut,
      notStarted: population.notStarted,
      sent: recorder.sent,
      received: recorder.received,
      planned: population.planned,
      connect: recorder.connect,
      handshake: recorder.handshake,
      roundTrip: series.roundTrip,
      uncorrected: recorder.uncorrected,
      loopDelay: series.loopDelay,
      cpu: (used.user + used.system) / 1e6,
      memory: process.resourceUsage().maxRSS * 1024,
      failures: recorder.failures.groups,
      seconds: series.seconds,
      interrupted: population.isStopped,
      lostProcesses: []
    }
  })

  return {
    unsafeSnapshot,
    unsafeSeconds: (after) => TimeSeries.since(series.seconds, after),
    stop: Effect.sync(() => population.stop()),
    abort: Effect.sync(() => population.abort()),
    report: Effect.zipRight(Deferred.await(ended), report)
  }
})
