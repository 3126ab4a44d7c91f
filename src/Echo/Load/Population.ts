import { PCGRandom } from "effect/Utils"
import { LoadWindow } from "../Measure/LoadWindow.ts"
import { Recorder } from "../Measure/Recorder.ts"
import * as LoadPlan from "../Scenario/LoadPlan.ts"
import type { Program } from "../Scenario/Program.ts"
import * as Ramp from "../Scenario/Ramp.ts"
import * as Stages from "../Scenario/Stages.ts"
import { Arrivals } from "./Arrivals.ts"
import { Client, type Host } from "./Client.ts"
import type { Appointment, DeadlineHeap } from "./DeadlineHeap.ts"
import type { Dialer } from "./Dialer.ts"
import * as Flow from "./Flow.ts"
import type { RequesterOf } from "./HttpRequests.ts"
import * as Rows from "./Rows.ts"
import * as RunFigures from "./RunFigures.ts"
import { SendPlan } from "./SendPlan.ts"

/** Where a run stands. */
type Phase =
  /** Clients connect; the load begins when none of these is left that never opened nor failed. */
  | { readonly _tag: "Opening"; readonly yetToOpen: Set<Client> }
  /** All have opened here, and the other processes are not that far. */
  | { readonly _tag: "Opened" }
  /** The planned load, until `until` (milliseconds of the run's clock); `Infinity` without a duration. */
  | { readonly _tag: "Loading"; readonly until: number }
  /** Conversations come to their end, and none begins. */
  | { readonly _tag: "Ending"; readonly from: number }

/** Milliseconds until a client that failed tries again: doubled by each failure after the first. */
const FIRST_RETRY = 100
const LAST_RETRY = 5000

/** Clients that are added while a run goes on, a second. */
const MOST_NEW = 1000

const retryAfter = (failures: number): number => Math.min(LAST_RETRY, FIRST_RETRY * 2 ** Math.min(16, failures - 1))

export interface PopulationOptions {
  readonly plan: LoadPlan.LoadPlan
  /** Of each scenario of the plan. */
  readonly programs: ReadonlyArray<Program>
  readonly dialer: typeof Dialer.Service
  /** Gives what sends the requests of a scenario that has any. */
  readonly requesterOf: RequesterOf
  readonly scripts: Host["scripts"]
  readonly now: () => number
  readonly timers: DeadlineHeap<Appointment>
  /** Told once all clients have opened, or failed to; the load begins when `begin` is called. */
  readonly onOpened: (begin: () => void) => void
  /** Told when the warm-up is over. */
  readonly onWarm: () => void
  /** Told once no client is left. */
  readonly onEnd: () => void
}

/** The clients of one process and what moves them: their deadlines, the plan of sending, the end of the load. */
export class Population implements Host {
  readonly flowOf: Host["flowOf"]
  readonly timers: DeadlineHeap<Appointment>
  readonly recorder: Recorder
  readonly window: LoadWindow
  readonly now: () => number
  readonly random: () => number
  readonly dial: Host["dial"]
  readonly scripts: Host["scripts"]
  readonly giveRows: Host["giveRows"]
  readonly soon: Host["soon"] = (act) => void setImmediate(act)
  readonly environment: ReadonlyMap<string, string>
  /** The numbers of the clients of this process, also of those that retired after they had begun. */
  readonly numbers: Set<number>
  /** Messages a second over all processes, where they are planned. */
  rate: number | undefined
  /** The number of clients over all processes: clients with a higher number retire. */
  #limit: number
  notStarted = 0
  #phase: Phase = { _tag: "Opening", yetToOpen: new Set() }
  #again = 0
  #isStopped = false
  readonly #clients = new Set<Client>()
  readonly #plan: LoadPlan.LoadPlan
  readonly #sends: SendPlan | undefined
  /** The messages of a round, the same in each scenario where they are planned. */
  readonly #sendsARound: number
  /** The clients that come by a schedule, where they do, and how many of them may be there. */
  readonly #arrivals: Arrivals | undefined
  readonly #most: number
  #isWarm = true
  /** Rounds that were due in the warm-up. */
  #warmUpRounds = 0
  readonly #options: PopulationOptions

  constructor(options: PopulationOptions) {
    const { dialer, now, plan, programs, requesterOf, timers } = options
    this.scripts = options.scripts
    this.#options = options
    this.#plan = plan
    this.now = now
    this.timers = timers
    this.recorder = new Recorder(plan.rate !== undefined, RunFigures.namesOf(plan), RunFigures.compresses(plan))
    this.window = new LoadWindow(this.recorder, now())
    const random = new PCGRandom(plan.seed, plan.share.index)
    this.random = () => random.number()
    this.flowOf = Flow.make(plan, programs, this.recorder.named, requesterOf)
    this.dial = (client) => dialer.unsafeDial(client.flow.targetOf(client.values), client)
    const giveRows = Rows.make(plan)
    this.giveRows = (client) => giveRows(client.client, this.random, (name, value) => client.values.set(name, value))
    this.environment = new Map(Object.entries(plan.environment).map(([name, value]) => [`env.${name}`, value]))
    this.numbers = new Set(LoadPlan.clientsOf(plan))
    this.rate = plan.rate
    this.#limit = plan.clients
    const paced = programs[0]?.openEnded
    this.#sendsARound = paced?.sends ?? 0
    if (plan.rate !== undefined && paced !== undefined) {
      const stages = plan.rateStages ?? Stages.constant(plan.rate)
      this.#sends = new SendPlan({ stages, sends: paced.sends, clients: plan.clients })
    }
    const { index, of } = plan.share
    this.#most = Math.floor(((plan.arrivals?.most ?? Infinity) + of - 1 - index) / of)
    if (plan.arrivals !== undefined && plan.ramp._tag === "Stages") {
      this.#arrivals = new Arrivals(plan.ramp.stages, plan, {
        arrive: (number) => this.#arrive(number),
        wakeAt: (arrivals, time) => this.timers.set(arrivals, time)
      })
    }
  }

  start(): void {
    if (this.#arrivals !== undefined) {
      this.#phase = { _tag: "Opened" }
      return this.#options.onOpened(() => this.#begin())
    }
    const times = Ramp.startTimes(this.#plan.ramp, this.#plan.clients, this.#plan.seed)
    const now = this.now()
    for (const number of this.numbers) this.#add(number, now + times[number - 1]!)
    this.#phase = { _tag: "Opening", yetToOpen: new Set(this.#clients) }
    if (this.#clients.size === 0) this.#options.onEnd()
  }

  readonly nextRound: Host["nextRound"] = (client) =>
    this.#sends === undefined ? 0 : Math.min(this.#sends.next(client.client), this.#end)

  readonly isOver: Host["isOver"] = ({ client }) => client > this.#limit || this.now() >= this.#end

  readonly opened = (client: Client): void => {
    const phase = this.#phase
    if (phase._tag !== "Opening" || !phase.yetToOpen.delete(client) || phase.yetToOpen.size > 0) return
    this.#phase = { _tag: "Opened" }
    this.#options.onOpened(() => this.#begin())
  }

  readonly settled: Host["settled"] = (client, failure) => {
    const now = this.now()
    if (failure !== undefined) this.recorder.failures.add(failure, client.client, now)
    this.#clients.delete(client)
    if (this.#startsAgain(client)) {
      this.#again++
      this.#add(client.client, failure === undefined ? now : now + retryAfter(client.failures), client)
    }
    this.opened(client)
    this.#endWhenEmpty()
  }

  /** Clients that have not begun to connect. */
  get waiting(): number {
    if (this.#arrivals !== undefined) return 0
    return this.numbers.size + this.#again - this.notStarted - this.recorder.started
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Messages that the plan called for until now. */
  get planned(): number | undefined {
    const rounds = this.#sends?.roundsUntil(Math.min(this.now(), this.#end), this.numbers)
    return rounds === undefined ? undefined : (rounds - this.#warmUpRounds) * this.#sendsARound
  }

  /** Clients that there are to be, of this process. */
  get wanted(): number {
    const { index, of } = this.#plan.share
    return Math.max(0, Math.ceil((this.#limit - index) / of))
  }

  /** Sends at another rate from now on. */
  changeRate(rate: number): void {
    if (this.#sends === undefined || this.#phase._tag === "Ending") return
    this.rate = rate
    this.#sends.change(this.now(), rate, this.numbers)
    for (const client of this.#clients) client.wake()
  }

  /**
   * So many clients over all processes from now on. Those too many end with their round, or their conversation where it has none
   * that is open-ended. Where messages are planned their clients stay as they are.
   */
  changeClients(clients: number): void {
    if (this.#sends !== undefined || this.#arrivals !== undefined || this.#phase._tag === "Ending") return
    this.#limit = clients
    const live = new Set<number>()
    for (const client of this.#clients) {
      if (client.client <= clients) live.add(client.client)
      else if (client.isWaiting) this.#retire(client)
    }
    const { index, of } = this.#plan.share
    const every = (1000 * of) / MOST_NEW
    let at = this.now()
    for (let number = index + 1; number <= clients; number += of) {
      if (live.has(number)) continue
      if (this.numbers.has(number)) this.#again++
      this.numbers.add(number)
      this.#add(number, at)
      at += every
    }
    this.#endWhenEmpty()
  }

  /** A client that had not begun was never there. */
  #retire(client: Client): void {
    this.timers.clear(client)
    this.#clients.delete(client)
    if (client.isAgain) this.#again--
    else this.numbers.delete(client.client)
    this.opened(client)
  }

  /** The user asks the run to come to its end. */
  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#finish()
  }

  abort(): void {
    if (this.#clients.size === 0 && (this.#arrivals?.left ?? 0) === 0) return
    this.stop()
    for (const client of this.#clients) client.cut()
    this.#clients.clear()
    this.#options.onEnd()
  }

  /** When the load is over; not known before it began. */
  get #end(): number {
    const phase = this.#phase
    if (phase._tag === "Loading") return phase.until
    return phase._tag === "Ending" ? phase.from : Infinity
  }

  /** With a duration a client that failed comes back, and so does one whose conversation ends. */
  #startsAgain(client: Client): boolean {
    return this.#plan.duration !== undefined && this.#arrivals === undefined && !this.isOver(client)
  }

  /** Every client has opened, or failed to: the planned load begins, and the duration of any. */
  #begin(): void {
    if (this.#phase._tag === "Ending") return
    const now = this.now()
    const { duration, warmUp = 0 } = this.#plan
    const until = duration === undefined ? Infinity : now + warmUp + duration
    this.#phase = { _tag: "Loading", until }
    // Nothing listens there: it would fail again and again until the end.
    if (duration !== undefined && this.#arrivals === undefined && this.recorder.peak === 0) return this.#finish()
    if (warmUp > 0) {
      this.#isWarm = false
      this.recorder.beginWarmUp()
      this.#at(now + warmUp, () => this.#endWarmUp())
    }
    if (duration !== undefined) {
      this.window.begin(now)
      this.#at(until, () => {
        this.#arrivals?.comeUntil(until)
        this.#finish()
      })
    }
    this.#arrivals?.begin(now)
    this.#sends?.begin(now)
    if (this.#sends !== undefined) for (const client of this.#clients) client.wake()
  }

  #at(time: number, onDeadline: () => void): void {
    this.timers.set({ deadline: Infinity, heapIndex: -1, onDeadline }, time)
  }

  #endWarmUp(): void {
    if (this.#phase._tag !== "Loading") return
    this.#isWarm = true
    const now = this.now()
    this.#options.onWarm()
    this.recorder.endWarmUp(now)
    this.window.begin(now)
    this.#warmUpRounds = this.#sends?.roundsUntil(now, this.numbers) ?? 0
  }

  #arrive(number: number): void {
    if (this.#clients.size >= this.#most) return this.recorder.named.count("dropped")
    const client = new Client(number, this)
    this.#clients.add(client)
    client.start()
  }

  /** The load is over: no conversation begins any more. */
  #finish(): void {
    const now = this.now()
    // Nothing counts of a run that ended while it warmed up.
    if (!this.#isWarm) this.#endWarmUp()
    this.notStarted += this.#arrivals?.left ?? 0
    this.#arrivals?.stop()
    this.window.end(now)
    this.#phase = { _tag: "Ending", from: Math.min(this.#end, now) }
    for (const client of this.#clients) {
      if (client.isWaiting) {
        this.timers.clear(client)
        this.#clients.delete(client)
        if (client.isAgain) this.#again--
        else this.notStarted++
      } else client.wake()
    }
    this.#endWhenEmpty()
  }

  #add(number: number, at: number, before?: Client): void {
    const client = new Client(number, this, before)
    this.#clients.add(client)
    client.startAt(at)
  }

  #endWhenEmpty(): void {
    if (this.#clients.size === 0 && (this.#arrivals?.left ?? 0) === 0) this.#options.onEnd()
  }
}
