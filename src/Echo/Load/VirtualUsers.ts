import type { Failure } from "../Measure/Failure.ts"
import { LoadWindow } from "../Measure/LoadWindow.ts"
import { Recorder } from "../Measure/Recorder.ts"
import * as Ramp from "../Scenario/Ramp.ts"
import * as Secrets from "../Scenario/Secrets.ts"
import { levelAt, type Stages } from "../Scenario/Stages.ts"
import { Arrivals } from "./Arrivals.ts"
import { Client, type Population } from "./Client.ts"
import { type Equipment, surroundings } from "./ClientHost.ts"
import { ClientSet } from "./ClientSet.ts"
import type { Stateful } from "./ClientStates.ts"
import * as LoadPhase from "./LoadPhase.ts"
import { retryAfter } from "./Recovery.ts"
import * as Rows from "./Rows.ts"
import * as RunFigures from "./RunFigures.ts"
import { SendPlan } from "./SendPlan.ts"
import { Slots } from "./Slots.ts"

/** Milliseconds between two readings of the levels. */
const LEVEL_INTERVAL = 100

/** A run ends when so many clients are refused for good before one has opened: all others would get the same. One may have a wrong row of the data. */
const REFUSALS = 5

export interface VirtualUsersOptions extends Omit<Equipment, "recorder"> {
  /** Called once, when all clients have opened or failed. The load begins when it calls `begin`. */
  readonly onOpened: (begin: () => void) => void
  readonly onWarm: () => void
  /** Called when a conversation has ended, with its client. */
  readonly onSettled?: ((client: Client) => void) | undefined
  /** Called once, when no client is left. */
  readonly onEnd: () => void
}

/** The clients of one process, with their deadlines, the plan of sends, and the phases of the run. */
export class VirtualUsers {
  readonly recorder: Recorder
  readonly window: LoadWindow
  readonly clients: ClientSet
  readonly now: () => number
  /** The planned messages per second of all processes together; `undefined` without a planned rate. */
  rate: number | undefined
  notStarted = 0
  #phase: LoadPhase.LoadPhase = LoadPhase.opening([])
  #isStopped = false
  /** The clients that were refused for good; `undefined` when one has opened, or the run ends because of them. */
  #refused: Set<number> | undefined = new Set()
  readonly #rows: Rows.Rows
  readonly #sends: SendPlan | undefined
  /** `undefined` in a closed model. */
  readonly #slots: Slots | undefined
  /** The schedule of arriving clients; `undefined` in a closed model. */
  readonly #arrivals: Arrivals | undefined
  /** The number of clients by the plan's levels, if it has any. */
  #level = 0
  /** During a warm-up: ends it in the recorder. */
  #endWarmUp: ((now: number) => void) | undefined
  readonly #host: Population
  readonly #redact: Secrets.Redact
  readonly #options: VirtualUsersOptions

  constructor(options: VirtualUsersOptions) {
    const { now, plan, programs, timers } = options
    this.#options = options
    this.#redact = Secrets.redactor(plan)
    this.now = now
    this.recorder = new Recorder(plan.rate !== undefined, RunFigures.namesOf(plan), RunFigures.compresses(plan))
    this.window = new LoadWindow(this.recorder, now())
    this.#rows = Rows.make(plan)
    this.clients = new ClientSet(plan)
    this.#slots = plan.arrivals === undefined ? undefined : new Slots(plan.share)
    this.#host = {
      ...surroundings({ ...options, recorder: this.recorder }, this.#rows),
      nextRound: (client) => (this.#sends === undefined ? 0 : Math.min(this.#sends.next(client.client), this.#end)),
      isOver: (client) => this.#isOver(client),
      takeSlot: ({ client }) => this.#slots?.take() ?? { number: client, kept: new Map() },
      opened: (client) => {
        this.#refused = undefined
        this.#opened(client)
      },
      failedToOpen: (client, failure) => this.#failedToOpen(client, failure),
      settled: (client, failure) => this.#settled(client, failure)
    }
    this.rate = plan.rate
    this.#sends = SendPlan.of(plan, programs)
    if (plan.arrivals !== undefined && plan.ramp._tag === "Stages") {
      this.#arrivals = new Arrivals(plan.ramp.stages, plan, timers, (number) => this.#arrive(number))
    }
  }

  start(): void {
    if (this.#comeLater) {
      this.#phase = LoadPhase.opened
      return this.#options.onOpened(() => this.#begin())
    }
    const times = Ramp.startTimes(this.#options.plan.ramp, this.#options.plan.clients, this.#options.plan.seed)
    const now = this.now()
    for (const number of this.clients.numbers) {
      this.#rows.reserve()
      this.#add(number).startAt(now + times[number - 1]!)
    }
    this.#phase = LoadPhase.opening(this.clients)
    if (this.clients.size === 0) this.#options.onEnd()
  }

  #isOver(client: Stateful): boolean {
    return !this.clients.allows(client) || this.now() >= this.#end
  }

  #opened(client: Stateful): void {
    const next = LoadPhase.afterOpening(this.#phase, client)
    if (next === this.#phase) return
    this.#phase = next
    this.#options.onOpened(() => this.#begin())
  }

  #failedToOpen(client: Stateful, failure: Failure): void {
    if (failure.isFinal === true && this.#refused?.add(client.client).size === REFUSALS) {
      this.#refused = undefined
      this.#finish()
    }
    // A client that will try again must not keep the others from their load.
    this.#opened(client)
  }

  #settled(client: Client, failure: Failure | undefined): void {
    const now = this.now()
    this.#options.onSettled?.(client)
    this.#slots?.giveBack(client.usedSlot)
    if (failure !== undefined) {
      const { cause, detail, kind } = failure
      const secrets = client.values.secrets
      const shown = { cause, kind: this.#redact(kind, secrets), detail: this.#redact(detail, secrets) }
      this.recorder.failures.add(shown, client.client, now)
    }
    const next = this.#startsAgain(client, failure) ? new Client(client.client, this.#host, client) : undefined
    this.clients.settle(client, next)
    next?.startAt(failure === undefined ? now : now + retryAfter(client.failures))
    this.#opened(client)
    this.#endWhenEmpty()
  }

  /** The number of clients that have not begun to connect. */
  get waiting(): number {
    if (this.#arrivals !== undefined) return 0
    return this.clients.conversations - this.notStarted - this.recorder.started
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** The number of messages that were due until now by the planned rate. */
  get planned(): number | undefined {
    return this.#sends?.messagesUntil(Math.min(this.now(), this.#end), this.clients.numbers)
  }

  /** Changes the planned rate, in messages per second of all processes. */
  changeRate(rate: number): void {
    if (this.#sends === undefined || this.#phase._tag === "Ending") return
    this.rate = rate
    this.#sends.change(this.now(), rate, this.clients.numbers)
    for (const client of this.clients) client.wake()
  }

  /**
   * Changes the number of clients of all processes. Surplus clients end after their round or, without an open-ended repeat,
   * after their conversation. Runs with a planned rate or with arrivals ignore this.
   */
  changeClients(clients: number): void {
    if (this.#sends !== undefined || this.#arrivals !== undefined || this.#phase._tag === "Ending") return
    const coming = this.clients.resize(clients, this.#rows.reserve)
    for (const client of this.clients) {
      if (this.clients.allows(client)) continue
      if (client.isWaiting) {
        this.#options.timers.clear(client)
        this.clients.retire(client)
        this.#opened(client)
      } else client.wake()
    }
    const now = this.now()
    for (const [index, number] of coming.entries()) this.#add(number).startAt(now + index * this.clients.spacing)
    this.#endWhenEmpty()
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#finish()
  }

  abort(): void {
    if (this.#isEmpty) return
    this.stop()
    for (const client of this.clients) client.cut()
    this.clients.clear()
    this.#options.onEnd()
  }

  /** Whether a schedule starts clients during the load, and none before it. */
  get #comeLater(): boolean {
    return this.#arrivals !== undefined || this.#options.plan.levels !== undefined
  }

  /** When the load ends; `Infinity` before it has begun. */
  get #end(): number {
    return LoadPhase.endOf(this.#phase)
  }

  /** With a duration, a client starts again after its conversation has failed or ended. After a failure it keeps its rows. */
  #startsAgain(client: Client, failure: Failure | undefined): boolean {
    const keepsRows = failure !== undefined && failure.cause !== "scenario"
    if (this.#options.plan.duration === undefined || this.#arrivals !== undefined || this.#isOver(client)) return false
    return keepsRows || this.#rows.reserve()
  }

  /** Every client has opened or failed. The planned load and the duration begin. */
  #begin(): void {
    if (this.#phase._tag === "Ending") return
    const now = this.now()
    const { duration, levels, warmUp = 0 } = this.#options.plan
    this.#phase = LoadPhase.loading(this.#options.plan, now)
    const until = this.#end
    // No client has reached the server. They would all fail again and again until the end.
    const mayOpenLater = this.#comeLater || this.#options.programs.some(({ opensOwn }) => opensOwn)
    if (duration !== undefined && !mayOpenLater && this.recorder.peak === 0) return this.#finish()
    if (warmUp > 0) {
      this.#endWarmUp = this.recorder.beginWarmUp()
      this.#at(now + warmUp, () => this.#warmedUp())
    }
    if (duration !== undefined) {
      this.window.begin(now)
      this.#at(until, () => {
        this.#arrivals?.comeUntil(until)
        this.#finish()
      })
    }
    this.#arrivals?.begin(now)
    if (levels !== undefined) this.#follow(levels, now)
    this.#sends?.begin(now)
    if (this.#sends !== undefined) for (const client of this.clients) client.wake()
  }

  /** Changes the number of clients by a schedule (a closed model) that began at `start`. */
  #follow(levels: Stages, start: number): void {
    if (this.#phase._tag === "Ending") return
    const now = this.now()
    const level = levelAt(levels, now - start)
    if (level !== this.#level) {
      this.#level = level
      this.changeClients(level)
    }
    this.#at(now + LEVEL_INTERVAL, () => this.#follow(levels, start))
  }

  #at(time: number, onDeadline: () => void): void {
    this.#options.timers.set({ deadline: Infinity, heapIndex: -1, onDeadline }, time)
  }

  /** Does nothing without a warm-up, or after it. */
  #warmedUp(): void {
    const end = this.#endWarmUp
    if (end === undefined || this.#phase._tag !== "Loading") return
    this.#endWarmUp = undefined
    const now = this.now()
    this.#options.onWarm()
    end(now)
    this.window.begin(now)
    this.#sends?.endWarmUp(now, this.clients.numbers)
  }

  #arrive(number: number): void {
    if (this.#arrivals !== undefined && this.clients.size >= this.#arrivals.most)
      return this.recorder.named.count("dropped")
    this.#add(number).start()
  }

  /** The load is over: no conversation begins any more. */
  #finish(): void {
    const now = this.now()
    // If the run ends during its warm-up, nothing of it counts.
    this.#warmedUp()
    this.notStarted += this.#arrivals?.left ?? 0
    this.#arrivals?.stop()
    this.window.end(now)
    this.#phase = LoadPhase.ending(this.#phase, now)
    for (const client of this.clients) {
      if (client.isWaiting) {
        this.#options.timers.clear(client)
        if (this.clients.takeOut(client)) this.notStarted++
      } else client.wake()
    }
    this.#endWhenEmpty()
  }

  #add(number: number): Client {
    const client = new Client(number, this.#host)
    this.clients.add(client)
    return client
  }

  get #isEmpty(): boolean {
    if (this.#options.plan.levels !== undefined && this.#phase._tag !== "Ending") return false
    return this.clients.size === 0 && (this.#arrivals?.left ?? 0) === 0
  }

  #endWhenEmpty(): void {
    if (this.#isEmpty) this.#options.onEnd()
  }
}
