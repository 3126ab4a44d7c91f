import { LoadWindow } from "../Measure/LoadWindow.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Program } from "../Scenario/Program.ts"
import { levelAt, type Stages } from "../Scenario/Stages.ts"
import { Arrivals } from "./Arrivals.ts"
import { SendPlan } from "./SendPlan.ts"
import type { DeadlineHeap } from "./Timers.ts"

/** Milliseconds between two readings of the levels. */
const LEVEL_INTERVAL = 100

type LoadPhase =
  /** Clients connect. The load begins when each of them has opened or failed. `yetToOpen` has those that have done neither. */
  | { readonly _tag: "Opening"; readonly yetToOpen: Set<object> }
  /** All clients of this process have opened or failed. Those of other processes may not have. */
  | { readonly _tag: "Opened" }
  /** The planned load lasts until `until`; `Infinity` without a duration. */
  | { readonly _tag: "Loading"; readonly until: number }
  /** The running conversations end, and no new one begins. */
  | { readonly _tag: "Ending"; readonly from: number }

/** The clients that the schedule moves. */
export interface ScheduledClients {
  readonly numbers: Iterable<number>
  /** Their next rounds may be due. */
  readonly wake: () => void
  readonly arrive: (client: number) => void
  /** Changes the number of clients of all processes. */
  readonly resize: (clients: number) => void
  /** The warm-up is over. */
  readonly onWarm: () => void
  /** The duration is over. */
  readonly onOver: () => void
}

export interface ScheduleOptions {
  readonly plan: LoadPlan
  readonly programs: ReadonlyArray<Program>
  readonly timers: DeadlineHeap
  readonly recorder: Recorder
  readonly now: () => number
}

/**
 * The load of one process in time: its phases, its warm-up, and when messages leave, clients arrive, and their number changes. Times
 * are milliseconds of the run's clock.
 */
export class LoadSchedule {
  readonly window: LoadWindow
  /** The planned messages per second of all processes together; `undefined` without a planned rate. */
  rate: number | undefined
  #phase: LoadPhase = { _tag: "Opened" }
  readonly #sends: SendPlan | undefined
  /** The schedule of arriving clients; `undefined` in a closed model. */
  readonly arrivals: Arrivals | undefined
  /** The number of clients by the plan's levels, if it has any. */
  #level = 0
  /** During a warm-up: ends it in the recorder. */
  #endWarmUp: ((now: number) => void) | undefined
  readonly #options: ScheduleOptions
  readonly #clients: ScheduledClients

  constructor(options: ScheduleOptions, clients: ScheduledClients) {
    const { now, plan, programs, recorder, timers } = options
    this.#options = options
    this.#clients = clients
    this.window = new LoadWindow(recorder, now())
    this.rate = plan.rate
    this.#sends = SendPlan.of(plan, programs)
    if (plan.arrivals !== undefined && plan.ramp._tag === "Stages") {
      this.arrivals = new Arrivals(plan.ramp.stages, plan, timers, clients.arrive)
    }
  }

  /** Whether clients start during the load, and none before it. */
  get startsClients(): boolean {
    return this.arrivals !== undefined || this.#options.plan.levels !== undefined
  }

  get isEnding(): boolean {
    return this.#phase._tag === "Ending"
  }

  /** When the load is over; `Infinity` before it has begun. */
  get end(): number {
    if (this.#phase._tag === "Loading") return this.#phase.until
    return this.#phase._tag === "Ending" ? this.#phase.from : Infinity
  }

  /** The number of messages that were due until now by the planned rate. */
  get planned(): number | undefined {
    return this.#sends?.messagesUntil(Math.min(this.#options.now(), this.end), this.#clients.numbers)
  }

  /** When a client's next round is due; `NaN` if that is not known yet, 0 (at once) without a rate. */
  nextRound(client: number): number {
    return this.#sends === undefined ? 0 : Math.min(this.#sends.next(client), this.end)
  }

  changeRate(rate: number): void {
    if (this.#sends === undefined || this.isEnding) return
    this.rate = rate
    this.#sends.change(this.#options.now(), rate, this.#clients.numbers)
    this.#clients.wake()
  }

  /** Whether the number of clients can change by hand: not with a planned rate, which is that of a number of clients, nor with arrivals. */
  get isResizable(): boolean {
    return this.#sends === undefined && this.arrivals === undefined && !this.isEnding
  }

  /** Clients begin to connect. */
  open(clients: Iterable<object>): void {
    this.#phase = { _tag: "Opening", yetToOpen: new Set(clients) }
  }

  /** A client has opened, failed or retired. Returns whether it was the last one that had done none of these. */
  opened(client: object): boolean {
    if (this.#phase._tag !== "Opening") return false
    const { yetToOpen } = this.#phase
    if (!yetToOpen.delete(client) || yetToOpen.size > 0) return false
    this.#phase = { _tag: "Opened" }
    return true
  }

  /** The load and the duration begin. The warm-up comes before the duration. */
  begin(): void {
    const now = this.#options.now()
    const { duration, levels, warmUp = 0 } = this.#options.plan
    const until = duration === undefined ? Infinity : now + warmUp + duration
    this.#phase = { _tag: "Loading", until }
    if (warmUp > 0) {
      this.#endWarmUp = this.#options.recorder.beginWarmUp()
      this.#at(now + warmUp, () => this.#warmedUp())
    }
    if (duration !== undefined) {
      this.window.begin(now)
      this.#at(until, () => {
        this.arrivals?.comeUntil(until)
        this.#clients.onOver()
      })
    }
    this.arrivals?.begin(now)
    if (levels !== undefined) this.#follow(levels, now)
    this.#sends?.begin(now)
    if (this.#sends !== undefined) this.#clients.wake()
  }

  /** The load is over, if it was not before. Returns the number of clients that have not arrived. */
  finish(): number {
    const now = this.#options.now()
    // If the run ends during its warm-up, nothing of it counts.
    this.#warmedUp()
    const left = this.arrivals?.left ?? 0
    this.arrivals?.stop()
    this.window.end(now)
    this.#phase = { _tag: "Ending", from: Math.min(this.end, now) }
    return left
  }

  /** Changes the number of clients by a schedule (a closed model) that began at `start`. */
  #follow(levels: Stages, start: number): void {
    if (this.isEnding) return
    const now = this.#options.now()
    const level = levelAt(levels, now - start)
    if (level !== this.#level) {
      this.#level = level
      this.#clients.resize(level)
    }
    this.#at(now + LEVEL_INTERVAL, () => this.#follow(levels, start))
  }

  /** Does nothing without a warm-up, or after it. */
  #warmedUp(): void {
    const end = this.#endWarmUp
    if (end === undefined || this.#phase._tag !== "Loading") return
    this.#endWarmUp = undefined
    const now = this.#options.now()
    this.#clients.onWarm()
    end(now)
    this.window.begin(now)
    this.#sends?.endWarmUp(now, this.#clients.numbers)
  }

  #at(time: number, onDeadline: () => void): void {
    this.#options.timers.set({ deadline: Infinity, heapIndex: -1, onDeadline }, time)
  }
}
